// Package trace sends a span for each invocation to an OpenTelemetry collector, by
// OTLP over HTTP with JSON, and carries the W3C trace context
// (https://www.w3.org/TR/trace-context/) from requests to what workers ask for.
package trace
