package dbsctest_test

import (
	"fmt"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
)

func ExampleNewDevice() {
	device := dbsctest.NewDevice(dbsc.ES256)
	_, key, _ := dbsc.VerifyRegistration(device.Register("c1", ""))
	proof, err := key.Verify(device.Refresh("c2"))
	fmt.Println(proof.Challenge, err)
	// Output: c2 <nil>
}

func ExampleDevice_Register() {
	proof, key, err := dbsc.VerifyRegistration(dbsctest.NewDevice(dbsc.RS256).Register("c", "a"))
	fmt.Println(proof, key.Algorithm(), err)
	// Output: {c a} RS256 <nil>
}

func ExampleDevice_Refresh() {
	_, _, err := dbsc.VerifyRegistration(dbsctest.NewDevice(dbsc.ES256).Refresh("c"))
	fmt.Println(err) // a refresh brings no key
	// Output: dbsc: proof not accepted: its key is not one of P-256, or of RSA with 2,048 to 4,096 bits
}

func ExampleDevice_Sign() {
	none := dbsctest.NewDevice(dbsc.ES256).Sign(map[string]string{"alg": "none", "typ": "dbsc+jwt"}, map[string]string{"jti": "c"})
	_, _, err := dbsc.VerifyRegistration(none)
	fmt.Println(err)
	// Output: dbsc: proof not accepted: its key is not one of P-256, or of RSA with 2,048 to 4,096 bits
}
