package router

import (
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// Methods are those of routes.
var Methods = []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// Malformed returns what is wrong with a route, "" when nothing is.
func Malformed(kind app.Kind, method, path string) string {
	switch {
	case path == "" || method == "":
		return "needs a Path and a Method"
	case !slices.Contains(Methods, method):
		return "has a Method that API Gateway does not support: " + strconv.Quote(method)
	case path == "$default" && kind == app.HTTP:
		return ""
	case !strings.HasPrefix(path, "/"):
		return "has a Path that does not start with /"
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		name, opens := strings.CutPrefix(s, "{")
		name, closes := strings.CutSuffix(name, "}")
		name, greedy := strings.CutSuffix(name, "+")
		switch {
		case opens != closes || strings.ContainsAny(name, "{}") || opens && name == "":
			return "has a Path whose braces do not enclose a whole segment"
		case opens && greedy && i < len(segments)-1:
			return "has a Path that continues after {" + name + "+}"
		}
	}
	return ""
}
