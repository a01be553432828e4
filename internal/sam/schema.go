package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// properties are those of SAM's resources, by section of Globals (SAM translator,
// release 1.115, model/sam_resources.py).
var properties = map[string][]string{
	"Function": strings.Fields(`Architectures AssumeRolePolicyDocument AutoPublishAlias AutoPublishAliasAllProperties
		AutoPublishCodeSha256 CapacityProviderConfig CodeSigningConfigArn CodeUri DeadLetterQueue DeploymentPreference
		Description DurableConfig Environment EphemeralStorage EventInvokeConfig Events FileSystemConfigs FunctionName
		FunctionScalingConfig FunctionUrlConfig Handler ImageConfig ImageUri InlineCode KmsKeyArn Layers LoggingConfig
		MemorySize PackageType PermissionsBoundary Policies PropagateTags ProvisionedConcurrencyConfig
		PublishToLatestPublished RecursiveLoop ReservedConcurrentExecutions Role RolePath Runtime
		RuntimeManagementConfig SnapStart SourceKMSKeyArn Tags TenancyConfig Timeout Tracing VersionDeletionPolicy
		VersionDescription VpcConfig`),
	"Api": strings.Fields(`AccessLogSetting AlwaysDeploy ApiKeySourceType Auth BinaryMediaTypes CacheClusterEnabled
		CacheClusterSize CanarySetting Cors DefinitionBody DefinitionUri Description DisableExecuteApiEndpoint Domain
		EndpointAccessMode EndpointConfiguration FailOnWarnings GatewayResponses MergeDefinitions MethodSettings
		MinimumCompressionSize Mode Models Name OpenApiVersion Policy PropagateTags SecurityPolicy StageName Tags
		TracingEnabled Variables`),
	"HttpApi": strings.Fields(`AccessLogSettings Auth CorsConfiguration DefaultRouteSettings DefinitionBody
		DefinitionUri Description DisableExecuteApiEndpoint Domain FailOnWarnings Name PropagateTags RouteSettings
		StageName StageVariables Tags`),
}

// eventProperties are those of events (model/eventsources/push.py). PayloadFormatVersion
// of an Api event has a finding elsewhere.
var eventProperties = map[app.Kind][]string{
	app.REST: strings.Fields("Path Method RestApiId Stage Auth RequestModel RequestParameters TimeoutInMillis ResponseTransferMode PayloadFormatVersion"),
	app.HTTP: strings.Fields("Path Method ApiId Stage Auth TimeoutInMillis RouteSettings PayloadFormatVersion"),
}

// notShareable are properties that SAM does not support in a section of Globals
// (plugins/globals/globals.py).
var notShareable = map[string][]string{
	"Function": strings.Fields(`AutoPublishCodeSha256 Events FunctionName ImageConfig ImageUri InlineCode Metadata PackageType
		Policies Role VersionDescription`),
	"Api":     strings.Fields("ApiKeySourceType DefinitionBody Description DisableExecuteApiEndpoint FailOnWarnings Mode Models Policy StageName Tags"),
	"HttpApi": strings.Fields("DefinitionBody DefinitionUri Description DisableExecuteApiEndpoint Name StageName"),
}

// inert are properties that change how functions and APIs respond, and are not
// emulated.
var inert = []string{"CapacityProviderConfig", "DurableConfig", "Policy", "TenancyConfig"}

// checkProperties refuses the properties that a resource does not have, and names
// those that are not emulated.
func (r *reading) checkProperties(section, id string, own, all *cfn.Value) {
	for _, f := range own.Fields {
		if !slices.Contains(properties[section], f.Key) && !strings.HasPrefix(f.Key, "Fn::") {
			r.Refuse(f.Line, "%s: AWS::Serverless::%s does not have the property %s in release 1.115 of SAM", id, section, f.Key)
		}
	}
	r.nameInert(id, all)
	if v := all.Get("Domain", "BasePath"); !v.IsNull() {
		r.NotEmulated(v.Line, "%s: BasePath is not emulated; requests come without it", id)
	}
}

func (r *reading) nameInert(id string, properties *cfn.Value) {
	for _, name := range inert {
		if v := properties.Get(name); !v.IsNull() {
			r.NotEmulated(v.Line, "%s: %s is not emulated", id, name)
		}
	}
}
