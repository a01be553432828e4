package rawcfn

import (
	"strings"

	"github.com/crumb-go/crumb/internal/cfn"
)

// Function returns the properties of an AWS::Lambda::Function with its Code under the names
// that SAM has for it: CodeUri, InlineCode or ImageUri.
func Function(t *cfn.Template, f cfn.Field) *cfn.Value {
	properties := t.Open(f.Key, f.Value.Get("Properties"))
	if properties.IsNull() {
		properties = cfn.NewMap(f.Line)
	}
	code := t.Open(f.Key+" Code", properties.Get("Code"))
	name, value := "CodeUri", code // a path, for sam build and aws cloudformation package, or a place in S3
	for from, to := range map[string]string{"ZipFile": "InlineCode", "ImageUri": "ImageUri"} {
		if v := code.Get(from); !v.IsNull() {
			name, value = to, v
		}
	}
	var fields []cfn.Field
	for _, p := range properties.Fields {
		if p.Key == "Code" {
			p = cfn.Field{Key: name, Line: p.Line, Value: value}
		}
		fields = append(fields, p)
	}
	if code.IsNull() {
		t.Refuse(f.Line, "%s needs a Code", f.Key)
	}
	return cfn.NewMap(f.Line, fields...)
}

// Asset returns the path of a function's code that the CDK says in Metadata, relative to
// the template; "" if it says none.
func Asset(f cfn.Field) string {
	metadata := f.Value.Get("Metadata")
	if property := metadata.Get("aws:asset:property").Str(); property != "" && !strings.HasPrefix(property+".", "Code.") || strings.HasSuffix(property, "ImageUri") {
		return ""
	}
	return metadata.Get("aws:asset:path").Str()
}

// FunctionARN returns the part of a URI that names a function.
func FunctionARN(uri string) string {
	_, name, found := strings.Cut(uri, "/functions/")
	if !found {
		name = uri
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}
