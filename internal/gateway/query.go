package gateway

import (
	"strings"

	"github.com/crumb-go/crumb/internal/router"
)

// grouped lists each key of a query once, in order of appearance, with all its values.
// A query is split at "&" only: no door knows ";".
func grouped(query string, decode bool) []header {
	var groups []header
	at := map[string]int{}
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		if decode {
			key, value = router.Unescape(key, true), router.Unescape(value, true)
		}
		i, ok := at[key]
		if !ok {
			i = len(groups)
			at[key] = i
			groups = append(groups, header{name: key})
		}
		groups[i].values = append(groups[i].values, value)
	}
	return groups
}

// decodePath undoes the percent-encoding of a path.
func decodePath(s string) string { return router.Unescape(s, false) }
