package lambdalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/lambdalog"
)

// Reading the configuration may fail before the first request: then the log says so.
func ExampleMain() {
	// func main() { lambdalog.Main(start) }
	start := func() error {
		if os.Getenv("SHOP_TABLE") == "" {
			return errors.New("SHOP_TABLE is not set")
		}
		frontdoor.Start(http.NotFoundHandler())
		return nil
	}
	fmt.Println(start())
	// Output: SHOP_TABLE is not set
}

// A function that streams is started with lambda.Start.
func ExampleSetDefault() {
	main := func() {
		lambdalog.SetDefault()
		lambda.Start(frontdoor.Stream(http.NotFoundHandler(), frontdoor.Options{}))
	}
	_ = main
}

// A function that is not an http.Handler.
func ExampleHandler() {
	bake := func(ctx context.Context, order struct{ Loaves int }) error {
		return errors.New("the oven is cold")
	}
	main := func() {
		lambdalog.SetDefault()
		lambda.Start(lambdalog.Handler{Handler: lambda.NewHandler(bake)})
	}
	_ = main
}

func ExampleNew() {
	var b strings.Builder
	logger := lambdalog.New(&b, "WARN")
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "8476a536"}) // Lambda's
	logger.InfoContext(ctx, "preheating")
	logger.ErrorContext(ctx, "the oven is cold", slog.Int("degrees", 20))

	var line map[string]any
	err := json.Unmarshal([]byte(b.String()), &line)
	fmt.Println(line["level"], line["message"], line["degrees"], line["requestId"], err)
	// Output: ERROR the oven is cold 20 8476a536 <nil>
}
