package dynamo

import (
	"regexp"

	"github.com/cockroachdb/apd/v3"
)

var numeric = regexp.MustCompile(`^[-+]?(\d+\.?\d*|\.\d+)([eE]([-+]?)\d+)?$`)

// exact is enough for the sum of the largest number and the smallest.
var exact = apd.BaseContext.WithPrecision(300)

// decimal returns the number of a text that canonical wrote.
func decimal(text string) *apd.Decimal {
	d, _, _ := apd.NewFromString(text)
	return d
}

// canonical returns a number as DynamoDB writes it, without an exponent and without
// zeros at its ends ("Number" in "Supported data types and naming rules").
func canonical(text string) (string, error) {
	form := numeric.FindStringSubmatch(text)
	if form == nil {
		return "", invalid("The parameter cannot be converted to a numeric value: %s", text)
	}
	d, _, err := apd.NewFromString(text)
	if err != nil { // the exponent is huge
		d, _, _ = apd.NewFromString(form[1] + "e" + form[3] + "9999")
	}
	if d.IsZero() {
		return "0", nil
	}
	d.Reduce(d)
	digits := d.NumDigits()
	switch magnitude := int64(d.Exponent) + digits - 1; {
	case digits > 38:
		return "", invalid("Attempting to store more than 38 significant digits in a Number")
	case magnitude > 125:
		return "", invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case magnitude < -130:
		return "", invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return d.Text('f'), nil
}

// add returns a + b, or a - b.
func add(a, b value, sign string) (value, error) {
	sum, x, y := new(apd.Decimal), decimal(a.text), decimal(b.text)
	if sign == "-" {
		y.Neg(y)
	}
	if _, err := exact.Add(sum, x, y); err != nil {
		return value{}, err
	}
	text, err := canonical(sum.Text('f'))
	return bare("N", text), err
}
