// Package useragent says what a browser does with a Set-Cookie line: [Explain]
// for one line, a [Jar] for a browser that remembers.
package useragent
