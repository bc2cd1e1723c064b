package script

import "fmt"

// A Kind classifies what went wrong. It is an error itself, so that callers write
// errors.Is(err, script.UnknownScript). The control plane maps each kind to a status
// and a code in one table.
type Kind uint8

const (
	UnknownAccount Kind = iota + 1
	UnknownScript
	UnknownVersion
	UnknownDeployment
	UnknownNamespace
	UnknownRoute
	UnknownDomain
	UnknownSecret
	UnknownToken
	UnknownAsset
	BadName             // a script, namespace, account or token name that is not allowed
	BadValue            // any other field out of its range or form
	BadRoute            // a route pattern or host name that is not allowed
	RouteTaken          // a route or host name that belongs to another script or account
	TitleTaken          // a KV namespace title that exists already
	BadBinding          // a binding whose fields are wrong
	UnsupportedBinding  // a binding of a type that Mayfly does not have
	UnresolvedInherit   // an inherit binding without a binding to inherit
	UnresolvedReference // a binding to a namespace or script that does not exist
	TooManyBindings     // more variables and secrets than a worker may have
	VariableTooLarge    // a variable or secret over its size limit
	BadDeployment       // a percentage split that is not allowed
	LatestNotDeployed   // a secret change while the newest version is not the deployed one
	SecretsChanged      // a rollback across changed secrets, without force
	TooManyScripts      // the account's limit of scripts
	InUse               // something else still refers to it
	ParseFailed         // source that does not parse
	StartupFailed       // a top level that threw or used too much CPU time
	NoHandlers          // a worker that handles no event
	UnsupportedHandler  // a worker that handles an event Mayfly does not send
	CodeTooLarge        // modules over the size limit
	AssetMissing        // an asset upload that is not complete
)

var kindText = [...]string{
	UnknownAccount: "unknown account", UnknownScript: "unknown script", UnknownVersion: "unknown version",
	UnknownDeployment: "unknown deployment", UnknownNamespace: "unknown namespace", UnknownRoute: "unknown route",
	UnknownDomain: "unknown domain", UnknownSecret: "unknown secret", UnknownToken: "unknown token",
	UnknownAsset: "unknown asset", BadName: "bad name", BadValue: "bad value", BadRoute: "bad route",
	RouteTaken: "route taken", TitleTaken: "title taken", BadBinding: "bad binding",
	UnsupportedBinding: "unsupported binding", UnresolvedInherit: "unresolved inherit binding",
	UnresolvedReference: "unresolved reference", TooManyBindings: "too many bindings",
	VariableTooLarge: "variable too large", BadDeployment: "bad deployment", LatestNotDeployed: "latest version not deployed",
	SecretsChanged: "secrets changed", TooManyScripts: "too many scripts", InUse: "in use", ParseFailed: "parse failed",
	StartupFailed: "startup failed", NoHandlers: "no handlers", UnsupportedHandler: "unsupported handler",
	CodeTooLarge: "code too large", AssetMissing: "asset missing",
}

func (k Kind) Error() string {
	if int(k) < len(kindText) && kindText[k] != "" {
		return kindText[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// An Error is a failure that the person who asked can understand and act on. Message
// is shown to users of the platform verbatim.
type Error struct {
	Kind    Kind
	Message string
}

func (e *Error) Error() string { return e.Message }

// Unwrap makes errors.Is work with a Kind.
func (e *Error) Unwrap() error { return e.Kind }

// Errorf makes an *Error.
func Errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}
