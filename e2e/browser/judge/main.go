// Command judge checks shared/cookie against Chromium. It reads a file of
// vectors: lines that browsers store or ignore (suites ua-storage and deletion),
// and declarations that a server writes or rejects (set-cookie-build). It sends
// the lines to Chromium, and what that stores, sends back and rejects must be
// what package useragent says, and what the file expects.
//
//	go run ./e2e/browser/judge FILE
//
// Each row is a line of the output: pass, FAIL, or stricter, which is a
// declaration that the library rejects though Chromium would store it. The exit
// code is 1 if a row fails, 2 if nothing could be judged.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: judge FILE")
		os.Exit(2)
	}
	failed, err := judge(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

func judge(file string) (failed bool, err error) {
	rows, err := readRows(file)
	if err != nil {
		return false, err
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		return false, err
	}
	c, err := newReferee(context.Background(), path)
	if err != nil {
		return false, err
	}
	defer c.close()
	count := map[string]int{}
	for _, r := range rows {
		verdict, reason, err := c.try(r)
		if err != nil {
			verdict, reason = fail, "cannot be judged: "+err.Error()
		}
		count[verdict]++
		fmt.Printf("%s %s %s\n", verdict, r.ID, reason)
	}
	fmt.Printf("%d pass, %d stricter, %d FAIL\n", count[pass], count[stricter], count[fail])
	return count[fail] > 0, nil
}
