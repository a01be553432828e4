package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// serveMockOptions responds as the OPTIONS method that SAM adds to each path of a
// REST API with Cors, unless the path has one already. It reports whether it did.
func serveMockOptions(x *exchange, cors *app.CORS) bool {
	if x.req.Method != http.MethodOptions {
		return false
	}
	path, params, methods := x.gateway.router.Resource(x.path)
	if len(methods) == 0 || slices.Contains(methods, http.MethodOptions) {
		return false
	}
	if err := x.authorizeOptions(path, params, &cors.Guard); err != nil {
		x.sendError(err)
		return true
	}
	if len(cors.AllowMethods) > 0 {
		methods = cors.AllowMethods
	} else {
		methods = samMethods(methods)
	}
	h := x.w.Header()
	x.addIDs()
	h.Set("Content-Type", "application/json")
	h.Set("Access-Control-Allow-Origin", strings.Join(cors.AllowOrigins, ","))
	setPreflight(h, cors, methods)
	setCredentials(h, cors)
	x.write(http.StatusOK, []byte("{}\n"))
	return true
}

// mock responds as a MOCK integration.
func (x *exchange) mock() {
	mock, err := x.route.Mock, x.authorize(&x.route.Guard)
	x.route = nil // it has no function
	if err != nil {
		x.sendError(err)
		return
	}
	x.addIDs()
	for name, value := range mock.Header {
		x.w.Header().Set(name, value)
	}
	x.write(mock.Status, []byte(mock.Body))
}

// samMethods is the Access-Control-Allow-Methods that SAM writes when the
// template says nothing.
func samMethods(methods []string) []string {
	if slices.Contains(methods, "ANY") {
		return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	methods = append(methods, http.MethodOptions)
	slices.Sort(methods)
	return methods
}

// addCORS sets the headers of an HTTP API or a Function URL and responds to
// preflights, which it reports. To an origin that is not allowed they say nothing.
func addCORS(x *exchange, cors *app.CORS) bool {
	origin := x.req.Header.Get("Origin")
	preflight := x.req.Method == http.MethodOptions && origin != "" && x.req.Header.Get("Access-Control-Request-Method") != ""
	h := x.w.Header()
	if allowed := allowedOrigin(cors, origin); allowed != "" {
		h.Set("Access-Control-Allow-Origin", allowed)
		setCredentials(h, cors)
		if preflight {
			setPreflight(h, cors, cors.AllowMethods)
		} else {
			setCORS(h, "Access-Control-Expose-Headers", cors.ExposeHeaders)
		}
	}
	if !preflight {
		return false
	}
	x.addIDs()
	x.write(x.door.preflight, nil)
	return true
}

// allowedOrigin is the Access-Control-Allow-Origin for an origin, or "".
func allowedOrigin(cors *app.CORS, origin string) string {
	if origin == "" {
		return ""
	}
	scheme, _, _ := strings.Cut(origin, "://")
	for _, o := range cors.AllowOrigins {
		switch {
		case o == "*":
			return "*"
		case strings.EqualFold(o, origin), o == scheme+"://*":
			return origin
		}
	}
	return ""
}

func setCORS(h http.Header, name string, values []string) {
	if len(values) > 0 {
		h.Set(name, strings.Join(values, ","))
	}
}

func setCredentials(h http.Header, cors *app.CORS) {
	if cors.AllowCredentials {
		h.Set("Access-Control-Allow-Credentials", "true")
	}
}

func setPreflight(h http.Header, cors *app.CORS, methods []string) {
	setCORS(h, "Access-Control-Allow-Methods", methods)
	setCORS(h, "Access-Control-Allow-Headers", cors.AllowHeaders)
	if cors.MaxAgeSeconds > 0 {
		h.Set("Access-Control-Max-Age", strconv.Itoa(cors.MaxAgeSeconds))
	}
}
