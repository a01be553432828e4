// Command function is a Lambda function that does what its event says.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string
	Text string
	N    int
}

type response struct {
	PID   int
	Text  string
	Env   []string `json:",omitempty"`
	Dir   string
	ID    string
	ARN   string
	Trace string
	Left  time.Duration
}

func main() {
	switch os.Getenv("INIT") {
	case "return":
		return
	case "crash":
		fmt.Println("cannot start")
		os.Exit(7)
	case "raw": // the test is the runtime
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("process", os.Getpid())
		fmt.Println("address", os.Getenv("AWS_LAMBDA_RUNTIME_API"))
		time.Sleep(time.Hour)
	}
	if url := os.Getenv("HELD"); url != "" {
		go http.Get(url) // gets no response while this process lives
	}
	var options []lambda.Option
	switch os.Getenv("EXTENSION") {
	case "polite":
		options = append(options, lambda.WithEnableSIGTERM(func() {
			fmt.Println("SIGTERM seen")
			os.Exit(0)
		}))
	case "deaf":
		options = append(options, lambda.WithEnableSIGTERM(func() { fmt.Println("SIGTERM ignored") }))
	}
	lambda.StartWithOptions(handle, options...)
}

var leaked [][]byte

func handle(ctx context.Context, e event) (any, error) {
	var env []string
	switch e.Do {
	case "env":
		env = os.Environ()
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.N)
	case "hang":
		time.Sleep(time.Hour)
	case "call": // and wait for the response
		if _, err := http.Get(e.Text); err != nil {
			return nil, err
		}
	case "log":
		log.Print(e.Text)
	case "print":
		fmt.Print(e.Text)
	case "flood":
		for i := range e.N {
			fmt.Println(e.Text, i)
		}
	case "long-line":
		fmt.Println(strings.Repeat("x", e.N))
	case "size":
		return bytes.NewReader(bytes.Repeat([]byte("x"), e.N)), nil
	case "hold": // N MB for longer than the pause between two measurements
		memory := bytes.Repeat([]byte("x"), e.N<<20)
		time.Sleep(20 * time.Millisecond)
		e.Text = string(memory[:1])
	case "leak": // N MB, as many files and goroutines
		leaked = append(leaked, bytes.Repeat([]byte("x"), e.N<<20))
		for range e.N {
			if _, _, err := os.Pipe(); err != nil {
				return nil, err
			}
			go time.Sleep(time.Hour)
		}
		time.Sleep(20 * time.Millisecond)
	case "stream":
		return stream(e), nil
	case "fork":
		child := exec.Command("/bin/sh", "-c", e.Text)
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return nil, err
		}
		e.Text = fmt.Sprint(child.Process.Pid)
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, _ := os.Getwd()
	return response{
		PID: os.Getpid(), Text: e.Text, Env: env, Dir: dir,
		ID: lc.AwsRequestID, ARN: lc.InvokedFunctionArn, Trace: os.Getenv("_X_AMZN_TRACE_ID"), Left: time.Until(deadline),
	}, nil
}

// stream responds with N bytes, calls Text and ends with "end" or, if that
// responds with 500, with an error.
func stream(e event) io.Reader {
	r, w := io.Pipe()
	go func() {
		w.Write(bytes.Repeat([]byte("x"), e.N))
		if response, err := http.Get(e.Text); err != nil || response.StatusCode != http.StatusOK {
			w.CloseWithError(errors.New("stream broke"))
			return
		}
		io.WriteString(w, "end")
		w.Close()
	}()
	return streaming{r}
}

// streaming hides its field: aws-lambda-go would encode an exported one as JSON.
type streaming struct{ r io.Reader }

func (s streaming) Read(p []byte) (int, error) { return s.r.Read(p) }

func (streaming) ContentType() string {
	return "application/vnd.awslambda.http-integration-response"
}
