package authorizers

import (
	"cmp"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// The properties of an authorizer of a REST API and of an HTTP API: those of either kind,
// and those of a Lambda authorizer or a JWT authorizer only, which SAM refuses elsewhere.
var (
	restAuthorizer = []string{
		"AuthorizationScopes", "DisableFunctionDefaultPermissions", "FunctionArn", "FunctionInvokeRole", "FunctionPayloadType", "Identity", "UserPoolArn",
	}
	lambdaAuthorizer = []string{
		"AuthorizerPayloadFormatVersion", "EnableFunctionDefaultPermissions", "EnableSimpleResponses", "FunctionArn", "FunctionInvokeRole", "Identity",
	}
	jwtAuthorizer = []string{"AuthorizationScopes", "IdentitySource", "JwtConfiguration"}
)

// AddPermission is advice for a function that API Gateway has no permission to call.
const AddPermission = "add an AWS::Lambda::Permission"

const enablePermission = "set EnableFunctionDefaultPermissions: true, or " + AddPermission

// restTTL is the default of a REST API in seconds (API reference, CreateAuthorizer).
const restTTL = 300

// rest reads an authorizer of an AWS::Serverless::Api (SAM translator, release 1.115,
// model/apigateway.py, ApiGatewayAuthorizer).
func (d *declaration) rest() {
	d.from.OnlyKeys(d.api.Note, restAuthorizer...)
	identity, function, pools := d.open(d.at("Identity")), d.at("FunctionArn"), d.at("UserPoolArn")
	kind := d.text(d.at("FunctionPayloadType"), "TOKEN")
	if kind != "TOKEN" && kind != "REQUEST" && !d.settled(d.at("FunctionPayloadType")).Placeholder {
		d.refuse(d.at("FunctionPayloadType"), "must be TOKEN or REQUEST")
	}
	noPermission := d.flag("DisableFunctionDefaultPermissions")
	switch {
	case !pools.IsNull():
		d.Kind, d.UserPools = app.Cognito, pools.Texts()
	case function.IsNull():
		d.refuseAll("%s: the authorizer %s needs a UserPoolArn or a FunctionArn")
		return
	default:
		d.function(function, !noPermission || d.hasRole(d.at("FunctionInvokeRole")), AddPermission)
	}
	if d.Kind == app.Lambda || kind == "REQUEST" {
		d.seconds(identity.At("ReauthorizeEvery"), restTTL)
	}
	if d.Token = d.Kind == app.Lambda && kind == "TOKEN"; kind == "REQUEST" {
		d.identity(identity)
		d.needSources(identity) // SAM wants them of a Cognito authorizer too
	}
	if d.Token || d.Kind == app.Cognito {
		d.Sources = []app.IdentitySource{{In: app.FromHeader, Name: d.text(identity.At("Header"), "Authorization")}}
		d.validation(identity.At("ValidationExpression"))
	}
	d.checkScopes()
}

// http reads an authorizer of an AWS::Serverless::HttpApi (model/apigatewayv2.py,
// ApiGatewayV2Authorizer).
func (d *declaration) http() {
	if d.at("OpenIdConnectUrl").Value != nil {
		d.refuseAll("%s: SAM no longer supports OpenIdConnectUrl (authorizer %s); use JwtConfiguration")
		return
	}
	d.from.OnlyKeys(d.api.Note, slices.Concat(lambdaAuthorizer, jwtAuthorizer)...)
	jwt, function := d.at("JwtConfiguration"), d.at("FunctionArn")
	others := lambdaAuthorizer
	switch {
	case !jwt.IsNull() && d.at("IdentitySource").IsNull():
		d.refuseAll("%s: the authorizer %s needs an IdentitySource")
		return
	case !jwt.IsNull():
		d.jwt(d.open(jwt), d.at("IdentitySource"))
		d.checkScopes()
	case function.IsNull() || d.at("AuthorizerPayloadFormatVersion").IsNull():
		d.refuseAll("%s: the authorizer %s needs JwtConfiguration, or FunctionArn and AuthorizerPayloadFormatVersion")
		return
	default:
		others = jwtAuthorizer
		identity := d.open(d.at("Identity"))
		d.identity(identity)
		d.payload(d.at("AuthorizerPayloadFormatVersion"), d.at("EnableSimpleResponses"), identity.At("ReauthorizeEvery"))
		d.function(function, d.flag("EnableFunctionDefaultPermissions") || d.hasRole(d.at("FunctionInvokeRole")), enablePermission)
	}
	for _, name := range others {
		if p := d.at(name); !p.IsNull() {
			d.refuse(p, "is not a property of a %s authorizer", d.Kind)
		}
	}
}

// Extension is the key of an authorizer in a security scheme of OpenAPI.
const Extension = "x-amazon-apigateway-authorizer"

// scheme reads a security scheme with an authorizer ("x-amazon-apigateway-authorizer
// object").
func (d *declaration) scheme() {
	scheme := d.from
	d.from = scheme.At(Extension).As(scheme.Where).Open()
	kind := d.api.Resolve("", d.at("type").Value).Text
	if !d.declared(kind, d.at) {
		return
	}
	if d.Token || d.Kind == app.Cognito {
		d.Sources = []app.IdentitySource{{In: app.FromHeader, Name: d.text(scheme.At("name"), "")}}
		if scheme.Value.Get("in").Str() != "header" || d.Sources[0].Name == "" {
			d.refuseAll("%s: the authorizer %s needs a name and in: header")
		}
		d.validation(d.at("identityValidationExpression"))
	}
}

// resource reads an AWS::ApiGateway::Authorizer or an AWS::ApiGatewayV2::Authorizer.
func (d *declaration) resource() {
	d.from = d.from.As(d.Name)
	names := map[string]string{"type": "AuthorizerType", "authorizerCredentials": "AuthorizerCredentialsArn"}
	if d.api.Kind == app.REST {
		names = nil
	}
	at := func(name string) cfn.Property {
		return d.at(cmp.Or(names[name], strings.ToUpper(name[:1])+name[1:]))
	}
	kind := strings.ToLower(d.api.Resolve("", at("type").Value).Text)
	if !d.declared(kind, at) {
		return
	}
	if d.Token || d.Kind == app.Cognito {
		source := at("identitySource")
		d.expressions(source)
		if d.NotRun == "" && (len(d.Sources) != 1 || d.Sources[0].In != app.FromHeader) {
			d.refuse(source, "must be one header")
		}
		d.validation(at("identityValidationExpression"))
	}
}

// declared reads an authorizer of a type that API Gateway has, whose properties, by
// OpenAPI's names, at returns. It reports whether there is one.
func (d *declaration) declared(kind string, at func(string) cfn.Property) bool {
	ttl, sources, credentials := at("authorizerResultTtlInSeconds"), at("identitySource"), at("authorizerCredentials")
	switch string(d.api.Kind) + " " + kind {
	case "rest token", "rest request":
		d.function(at("authorizerUri"), d.hasRole(credentials), AddPermission)
		d.seconds(ttl, restTTL)
		if d.Token = kind == "token"; !d.Token {
			d.expressions(sources)
			d.needSources(sources)
		}
	case "rest cognito_user_pools":
		d.Kind, d.UserPools = app.Cognito, at("providerARNs").Texts()
	case "http request":
		d.expressions(sources)
		d.payload(at("authorizerPayloadFormatVersion"), at("enableSimpleResponses"), ttl)
		d.function(at("authorizerUri"), d.hasRole(credentials), AddPermission)
	case "http jwt":
		d.jwt(at("jwtConfiguration").Open(), sources)
	default:
		d.api.NotEmulated(d.Line, "%s: the authorizer %s has the type %q, which is not emulated for %s APIs", d.api.ID, d.Name, kind, strings.ToUpper(string(d.api.Kind)))
		return false
	}
	return true
}

// jwt reads the configuration of a JWT authorizer, whose keys SAM takes in any case.
func (d *declaration) jwt(p, source cfn.Property) {
	d.Kind = app.JWT
	var fields []cfn.Field
	for _, f := range p.Fields() {
		fields = append(fields, cfn.Field{Key: strings.ToLower(f.Key), Line: f.Line, Value: f.Value})
	}
	lower := p.T.Property(p.Where, cfn.NewMap(p.Line(d.Line), fields...))
	d.Issuer, d.Audience = lower.At("issuer").Text(""), lower.At("audience").Texts()
	if d.Issuer == "" {
		d.refuse(lower, "needs an issuer")
	}
	if len(d.Audience) == 0 {
		d.stop("it has no audience")
	}
	d.expressions(source)
	if d.NotRun == "" && (len(d.Sources) != 1 || d.Sources[0].In != app.FromHeader && d.Sources[0].In != app.FromQuery) {
		d.refuse(source, "must be one header or one query parameter")
	}
}

// payload reads what a Lambda authorizer of an HTTP API is sent and returns, and how long
// that is kept.
func (d *declaration) payload(version, simple, ttl cfn.Property) {
	d.Payload = d.text(version, "")
	if v := d.settled(version); d.Payload != "1.0" && d.Payload != "2.0" && !v.Placeholder {
		d.refuse(version, `must be "1.0" or "2.0"`)
	}
	on, known := d.settled(simple).Bool()
	d.Simple = on
	switch {
	case simple.IsNull() || d.settled(simple).Placeholder:
	case !known:
		d.refuse(simple, "must be true or false")
	case on && d.Payload == "1.0":
		d.refuse(simple, "needs the payload format 2.0")
	}
	d.seconds(ttl, 0)
	if d.TTL > 0 && len(d.Sources) == 0 {
		d.TTL = 0
		ttl.T.Note(ttl.Value.Line, "%s: responses are not kept without an identity source", ttl.Where)
	}
}

// needSources refuses a REQUEST authorizer without sources whose responses would be kept.
func (d *declaration) needSources(p cfn.Property) {
	if len(d.Sources) == 0 && d.TTL > 0 && d.NotRun == "" {
		d.refuse(p, "needs a source, unless responses are kept for 0 seconds")
	}
}

// flag reads a property that must be a plain true or false.
func (d *declaration) flag(name string) bool {
	p := d.at(name)
	on, known := p.Value.Bool()
	if !p.IsNull() && !(known && p.Value.Bare) {
		d.refuse(p, "must be true or false")
	}
	return on
}

// hasRole reports whether an authorizer has a role with which it calls its function.
func (d *declaration) hasRole(p cfn.Property) bool {
	v := d.api.Resolve("", p.Value)
	return v.Kind != cfn.Null && v.Text != "" && v.Text != "NONE"
}

// checkScopes refuses AuthorizationScopes that are not a list.
func (d *declaration) checkScopes() {
	if p := d.at("AuthorizationScopes"); !p.IsNull() {
		if _, ok := Scopes(p); !ok {
			d.stop("its property %s is refused", p.Name())
		}
	}
}

// Scopes reads AuthorizationScopes, which SAM takes only as a list.
func Scopes(p cfn.Property) (list []string, ok bool) {
	if p.IsNull() {
		return nil, true
	}
	if p.Value.Kind != cfn.List {
		p.Refuse("must be a list")
		return nil, false
	}
	list = p.Texts()
	return list, len(list) == len(p.Value.Items)
}
