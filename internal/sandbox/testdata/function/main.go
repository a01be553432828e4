// Command function is a Lambda function that does as its event says.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string
	Text string
	N    int
}

type answer struct {
	PID     int
	Text    string
	Version string
	Env     []string `json:",omitempty"`
	Dir     string
	ID      string
	ARN     string
	Trace   string
	Left    time.Duration
}

var version = "one" // set by -ldflags -X

func main() {
	switch os.Getenv("INIT") {
	case "crash":
		fmt.Println("cannot start")
		os.Exit(7)
	case "hang":
		select {}
	}
	var options []lambda.Option
	if os.Getenv("EXTENSION") != "" {
		options = append(options, lambda.WithEnableSIGTERM(func() {
			if os.Getenv("EXTENSION") == "deaf" {
				return
			}
			fmt.Println("SIGTERM seen")
			os.Exit(0)
		}))
	}
	lambda.StartWithOptions(handle, options...)
}

func handle(ctx context.Context, e event) (any, error) {
	switch e.Do {
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.N)
	case "hang":
		select {}
	case "nap":
		time.Sleep(time.Duration(e.N) * time.Millisecond)
	case "print":
		for i := range max(e.N, 1) {
			fmt.Printf("%s %d\n", e.Text, i)
		}
	case "print-unended":
		fmt.Print(e.Text)
	case "long-line":
		fmt.Println(strings.Repeat("x", e.N))
	case "size":
		return bytes.NewReader(bytes.Repeat([]byte("x"), e.N)), nil
	case "stream":
		return stream(e), nil
	case "fork":
		child := exec.Command("/bin/sh", "-c", "echo child; exec sleep 1000")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return nil, err
		}
		e.Text = fmt.Sprint(child.Process.Pid)
	case "log":
		log.Print(e.Text)
	}
	var env []string
	if e.Do == "env" {
		env = os.Environ()
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, _ := os.Getwd()
	return answer{
		PID: os.Getpid(), Text: e.Text, Version: version, Env: env, Dir: dir,
		ID: lc.AwsRequestID, ARN: lc.InvokedFunctionArn, Trace: os.Getenv("_X_AMZN_TRACE_ID"), Left: time.Until(deadline),
	}, nil
}

// stream answers with Text in pieces, one each time the folder in $TMPDIR
// gains a file; N < 0 fails after the first.
func stream(e event) io.Reader {
	r, w := io.Pipe()
	go func() {
		for i, piece := range strings.Fields(e.Text) {
			if i > 0 && e.N < 0 {
				w.CloseWithError(errors.New("stream broke"))
				return
			}
			if i > 0 && e.N > 0 {
				os.Exit(e.N)
			}
			io.WriteString(w, piece)
		}
		w.Close()
	}()
	return streaming{r}
}

type streaming struct{ io.Reader }

func (streaming) ContentType() string {
	return "application/vnd.awslambda.http-integration-response"
}
