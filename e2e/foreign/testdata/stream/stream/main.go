package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(e *events.LambdaFunctionURLRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
		r, w := io.Pipe()
		go func() {
			for i := range 3 {
				fmt.Fprintf(w, "line %d\n", i)
			}
			w.Close()
		}()
		return &events.LambdaFunctionURLStreamingResponse{
			StatusCode: http.StatusOK,
			Headers:    map[string]string{"Content-Type": "text/plain"},
			Cookies:    []string{"a=1; Path=/", "b=2; Path=/"},
			Body:       r,
		}, nil
	})
}
