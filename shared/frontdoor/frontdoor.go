// Package frontdoor runs an http.Handler behind any AWS Lambda HTTP event.
package frontdoor
