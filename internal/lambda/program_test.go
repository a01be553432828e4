package lambda

import (
	"strings"
	"testing"
)

func TestWhySilent(t *testing.T) {
	for _, row := range []struct {
		name string
		made modules
		want string
	}{
		{"another", modules{"example.com/web": "v1.0.0"}, ", and does not link github.com/aws/aws-lambda-go: "},
		{"no-modules", modules{}, ", and does not link github.com/aws/aws-lambda-go: "},
		{"lambda", modules{lambdaLibrary: "v1.47.0"}, ": does its main call lambda.Start?"},
		{"lambda-replaced-by-a-folder", modules{lambdaLibrary: ""}, ": does its main call lambda.Start?"},
		{"not-go", nil, ": does its main call lambda.Start?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.made.whySilent(); !strings.HasPrefix(got, row.want) {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestAged(t *testing.T) {
	tables := map[string]string{"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1"}
	for _, row := range []struct {
		name string
		made modules
		env  map[string]string
		want string // in the only warning; "" for none
	}{
		{"lambda-old", modules{lambdaLibrary: "v1.17.0"}, nil, "github.com/aws/aws-lambda-go v1.17.0, supported only by the retired go1.x runtime"},
		{"lambda-new", modules{lambdaLibrary: "v1.18.0"}, nil, ""},
		{"dynamodb-old", modules{newSDK: "v1.24.0"}, tables, "service/dynamodb v1.24.0, which does not read AWS_ENDPOINT_URL_DYNAMODB"},
		{"dynamodb-new", modules{newSDK: "v1.25.0", newConfig: "v1.21.0"}, tables, ""},
		{"config-old", modules{newSDK: "v1.25.0", newConfig: "v1.20.0"}, tables, "aws-sdk-go-v2/config v1.20.0, which does not read AWS_ENDPOINT_URL_DYNAMODB"},
		{"both-old", modules{newSDK: "v1.24.0", newConfig: "v1.11.0"}, tables, "; go get github.com/aws/aws-sdk-go-v2/config@latest github.com/aws/aws-sdk-go-v2/service/dynamodb@latest"},
		{"config-without-dynamodb", modules{newConfig: "v1.11.0"}, tables, ""},
		{"first-sdk", modules{oldSDK: "v1.55.0"}, tables, "aws-sdk-go v1.55.0, which does not read"},
		{"both-sdks", modules{oldSDK: "v1.55.0", newSDK: "v1.73.1"}, tables, ""},
		{"no-tables", modules{oldSDK: "v1.55.0"}, nil, ""},
		{"a-replaced-module", modules{newSDK: ""}, tables, ""},
		{"not-go", nil, tables, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := strings.Join(row.made.aged(row.env), "\n")
			if !strings.Contains(got, row.want) || row.want == "" && got != "" || strings.Contains(got, "\n") {
				t.Errorf("warnings %q, want %q", got, row.want)
			}
		})
	}
}
