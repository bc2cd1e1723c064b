package control

import (
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/mayfly-edge/mayfly/runtime/script"
)

// Most bytes of body by kind of endpoint.
const (
	smallBody  = 1 << 20
	uploadBody = script.MaxCodeSize + 4<<20
	valueBody  = 26 << 20  // one KV value with its form
	bulkBody   = 101 << 20 // a bulk write of KV pairs
	assetBody  = 100 << 20 // a batch of assets in base64
)

const (
	inAPI     = "/client/v4"
	inAccount = inAPI + "/accounts/{account}"
	inWorkers = inAccount + "/workers"
	inScript  = inWorkers + "/scripts/{script}"
	inKV      = inAccount + "/storage/kv/namespaces"
	inMayfly  = inAccount + "/mayfly"
)

// endpoints lists everything the control plane answers to.
func endpoints() []endpoint {
	const (
		read, deploy, kvs, tail, admin = script.ScopeRead, script.ScopeDeploy, script.ScopeKV, script.ScopeTail, script.ScopeAdmin
	)
	all := []endpoint{
		{method: "GET", pattern: "/healthz", open: true, run: health},
		{method: "GET", pattern: "/readyz", open: true, run: ready},

		{method: "GET", pattern: inAPI + "/user", run: getUser},
		{method: "GET", pattern: inAPI + "/user/tokens/verify", run: verifyToken},
		{method: "GET", pattern: inAPI + "/accounts", run: listAccounts},
		{method: "GET", pattern: inAccount, run: getAccount},
		{method: "GET", pattern: inAPI + "/memberships", run: listMemberships},
		{method: "GET", pattern: inAPI + "/zones", scope: read, run: listZones},
		{method: "GET", pattern: inAPI + "/zones/{zone}/workers/routes", scope: read, run: listZoneRoutes},
		{method: "POST", pattern: inAPI + "/zones/{zone}/workers/routes", scope: deploy, limit: smallBody, run: addZoneRoute},
		{method: "DELETE", pattern: inAPI + "/zones/{zone}/workers/routes/{route}", scope: deploy, run: removeZoneRoute},

		{method: "GET", pattern: inWorkers + "/scripts", scope: read, run: listScripts},
		{method: "PUT", pattern: inScript, scope: deploy, limit: uploadBody, run: putScript},
		{method: "DELETE", pattern: inScript, scope: deploy, run: deleteScript},
		{method: "GET", pattern: inScript + "/content/v2", scope: deploy, run: getContent},
		{method: "GET", pattern: inScript + "/settings", scope: read, run: getSettings},
		{method: "PATCH", pattern: inScript + "/settings", scope: deploy, limit: smallBody, run: patchSettings},
		{method: "GET", pattern: inScript + "/script-settings", scope: read, run: getScriptSettings},
		{method: "PATCH", pattern: inScript + "/script-settings", scope: deploy, limit: smallBody, run: patchScriptSettings},
		{method: "GET", pattern: inScript + "/versions", scope: read, run: listVersions},
		{method: "POST", pattern: inScript + "/versions", scope: deploy, limit: uploadBody, run: addVersion},
		{method: "GET", pattern: inScript + "/versions/{version}", scope: read, run: getVersion},
		{method: "GET", pattern: inScript + "/deployments", scope: read, run: listDeployments},
		{method: "POST", pattern: inScript + "/deployments", scope: deploy, limit: smallBody, run: addDeployment},
		{method: "GET", pattern: inScript + "/secrets", scope: read, run: listSecrets},
		{method: "PUT", pattern: inScript + "/secrets", scope: deploy, limit: smallBody, run: putSecret},
		{method: "DELETE", pattern: inScript + "/secrets/{secret}", scope: deploy, run: deleteSecret},
		{method: "PATCH", pattern: inScript + "/secrets-bulk", scope: deploy, limit: smallBody, run: bulkSecrets},
		{method: "GET", pattern: inScript + "/subdomain", scope: read, run: getScriptSubdomain},
		{method: "POST", pattern: inScript + "/subdomain", scope: deploy, limit: smallBody, run: setScriptSubdomain},
		{method: "GET", pattern: inScript + "/schedules", scope: read, run: getSchedules},
		{method: "PUT", pattern: inScript + "/schedules", scope: deploy, limit: smallBody, run: putSchedules},
		{method: "GET", pattern: inScript + "/routes", scope: read, run: getRoutes},
		{method: "PUT", pattern: inScript + "/routes", scope: deploy, limit: smallBody, run: putRoutes},
		{method: "PUT", pattern: inScript + "/domains/records", scope: deploy, limit: smallBody, run: putDomains},
		{method: "POST", pattern: inScript + "/domains/changeset", scope: deploy, limit: smallBody, run: planDomains},
		{method: "GET", pattern: inScript + "/references", scope: read, run: getReferences},
		{method: "POST", pattern: inScript + "/tails", scope: tail, limit: smallBody, run: openTail},
		{method: "DELETE", pattern: inScript + "/tails/{tail}", scope: tail, run: closeTail},
		{method: "GET", pattern: tailPath + "{tail}", open: true, run: watchTail},
		{method: "POST", pattern: inScript + "/assets-upload-session", scope: deploy, limit: 32 << 20, run: openAssets},
		{method: "POST", pattern: inWorkers + "/assets/upload", open: true, limit: assetBody, run: uploadAssets},
		{method: "POST", pattern: inWorkers + "/assets/upload/{hash}", open: true, limit: script.MaxAssetSize, run: uploadAsset},

		{method: "GET", pattern: inWorkers + "/services/{script}", scope: read, run: getService},
		{method: "DELETE", pattern: inWorkers + "/services/{script}", scope: deploy, run: deleteScript},
		{method: "GET", pattern: inWorkers + "/services/{script}/environments/{environment}", scope: read, run: getEnvironment},
		{method: "GET", pattern: inWorkers + "/services/{script}/environments/{environment}/bindings", scope: read, run: getBindings},
		{method: "GET", pattern: inWorkers + "/services/{script}/environments/{environment}/routes", scope: read, run: getRoutes},
		{method: "GET", pattern: inWorkers + "/services/{script}/environments/{environment}/subdomain", scope: read, run: getScriptSubdomain},
		{method: "GET", pattern: inWorkers + "/workers/{script}", scope: read, run: getWorker},
		{method: "PATCH", pattern: inWorkers + "/workers/{script}/versions/latest", scope: deploy, limit: smallBody, run: patchLatest},
		{method: "GET", pattern: inWorkers + "/subdomain", scope: read, run: getAccountSubdomain},
		{method: "PUT", pattern: inWorkers + "/subdomain", scope: deploy, limit: smallBody, run: setAccountSubdomain},
		{method: "GET", pattern: inWorkers + "/domains/records", scope: read, run: listDomains},
		{method: "GET", pattern: inWorkers + "/domains/records/{domain}", scope: read, run: getDomain},
		{method: "GET", pattern: inWorkers + "/tails/by-consumer/{script}", scope: read, run: emptyList},
		{method: "GET", pattern: inWorkers + "/durable_objects/namespaces", scope: read, run: emptyList},

		{method: "GET", pattern: inKV, scope: kvs, run: listNamespaces},
		{method: "POST", pattern: inKV, scope: kvs, limit: smallBody, run: createNamespace},
		{method: "GET", pattern: inKV + "/{namespace}", scope: kvs, run: getNamespace},
		{method: "PUT", pattern: inKV + "/{namespace}", scope: kvs, limit: smallBody, run: renameNamespace},
		{method: "DELETE", pattern: inKV + "/{namespace}", scope: kvs, run: deleteNamespace},
		{method: "GET", pattern: inKV + "/{namespace}/keys", scope: kvs, run: listKeys},
		{method: "GET", pattern: inKV + "/{namespace}/values/{key}", scope: kvs, run: getValue},
		{method: "PUT", pattern: inKV + "/{namespace}/values/{key}", scope: kvs, limit: valueBody, run: putValue},
		{method: "DELETE", pattern: inKV + "/{namespace}/values/{key}", scope: kvs, run: deleteValue},
		{method: "GET", pattern: inKV + "/{namespace}/metadata/{key}", scope: kvs, run: getMetadata},
		{method: "PUT", pattern: inKV + "/{namespace}/bulk", scope: kvs, limit: bulkBody, run: putBulk},
		{method: "DELETE", pattern: inKV + "/{namespace}/bulk", scope: kvs, limit: valueBody, run: deleteBulk},
		{method: "POST", pattern: inKV + "/{namespace}/bulk/delete", scope: kvs, limit: valueBody, run: deleteBulk},
		{method: "POST", pattern: inKV + "/{namespace}/bulk/get", scope: kvs, limit: smallBody, run: getBulk},

		{method: "GET", pattern: inMayfly + "/usage", scope: read, run: getUsage},
		{method: "GET", pattern: inMayfly + "/invoice", scope: read, run: getInvoice},
		{method: "GET", pattern: inMayfly + "/audit", scope: admin, run: listAudit},
		{method: "GET", pattern: inMayfly + "/tokens", scope: admin, run: listTokens},
		{method: "POST", pattern: inMayfly + "/tokens", scope: admin, limit: smallBody, run: createToken},
		{method: "DELETE", pattern: inMayfly + "/tokens/{token}", scope: admin, run: revokeToken},
		{method: "POST", pattern: inMayfly + "/scripts/{script}/release", scope: deploy, run: releaseScript},
		{method: "POST", pattern: inAPI + "/mayfly/accounts", scope: admin, limit: smallBody, run: createAccount},
		{method: "PATCH", pattern: inAPI + "/mayfly/accounts/{account}", scope: admin, limit: smallBody, run: patchAccount},
	}
	for _, u := range unsupportedProducts {
		all = append(all,
			endpoint{method: "*", pattern: u.pattern, limit: uploadBody, run: refuse(u.name)},
			endpoint{method: "*", pattern: u.pattern + "/{rest...}", limit: uploadBody, run: refuse(u.name)})
	}
	return all
}

// unsupportedProducts are the parts of Cloudflare's API that wrangler may ask for and
// Mayfly does not have. They answer what is missing, not that a path is unknown.
var unsupportedProducts = [...]struct{ pattern, name string }{
	{inAccount + "/queues", "Queues are"},
	{inAccount + "/event_subscriptions", "Queues are"},
	{inAccount + "/d1", "D1 databases are"},
	{inAccount + "/r2", "R2 buckets are"},
	{inAccount + "/r2-catalog", "R2 buckets are"},
	{inAccount + "/event_notifications", "R2 buckets are"},
	{inAccount + "/workflows", "Workflows are"},
	{inAccount + "/vectorize", "Vectorize indexes are"},
	{inAccount + "/hyperdrive", "Hyperdrive is"},
	{inAccount + "/ai", "Workers AI is"},
	{inAccount + "/ai-gateway", "AI Gateway is"},
	{inAccount + "/pipelines", "Pipelines are"},
	{inAccount + "/pages", "Pages projects are"},
	{inAccount + "/secrets_store", "The Secrets Store is"},
	{inAccount + "/mtls_certificates", "mTLS certificates are"},
	{inAccount + "/containers", "Containers are"},
	{inAccount + "/images", "Images is"},
	{inAccount + "/stream", "Stream is"},
	{inWorkers + "/dispatch", "Dispatch namespaces are"},
	{inScript + "/edge-preview", "Remote previews (wrangler dev --remote) are"},
	{inWorkers + "/subdomain/edge-preview", "Remote previews (wrangler dev --remote) are"},
	{inAPI + "/graphql", "The GraphQL analytics API is"},
}

func refuse(what string) func(*call) (any, error) {
	err := unsupported(what)
	return func(*call) (any, error) { return nil, err }
}

func emptyList(*call) (any, error) { return []any{}, nil }

// mounted makes an endpoint of a Mount. Unless its pattern names an account, a token for
// one account is not enough, since the handler knows nothing of accounts.
func mounted(m Mount) endpoint {
	e := endpoint{method: m.Method, pattern: m.Pattern, scope: m.Scope, open: m.Scope == ""}
	answer := m.Answer
	run := func(k *call) (any, error) { return answer(k.ctx, Question{k.account, k.query, k.params}) }
	if m.Handler != nil {
		e.limit = uploadBody
		serve := fasthttpadaptor.NewFastHTTPHandler(m.Handler)
		run = func(k *call) (any, error) {
			serve(k.http)
			return done{}, nil
		}
	}
	e.run = func(k *call) (any, error) {
		if k.token != nil && k.token.Account != "" && k.account == "" {
			return nil, errOneAccount
		}
		return run(k)
	}
	return e
}

// errOneAccount refuses a token for one account where one for all is needed.
var errOneAccount = &apiError{403, codeAuthentication, "Authentication error: a token for all accounts is needed here"}
