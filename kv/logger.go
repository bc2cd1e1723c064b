package kv

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// engineLogger passes the engine's warnings and errors on; its chatter is debug.
type engineLogger struct{ log *slog.Logger }

func (l engineLogger) Errorf(format string, args ...any)   { l.write(slog.LevelError, format, args) }
func (l engineLogger) Warningf(format string, args ...any) { l.write(slog.LevelWarn, format, args) }
func (l engineLogger) Infof(format string, args ...any)    { l.write(slog.LevelDebug, format, args) }
func (l engineLogger) Debugf(string, ...any)               {}

func (l engineLogger) write(level slog.Level, format string, args []any) {
	ctx := context.Background()
	if !l.log.Enabled(ctx, level) {
		return
	}
	l.log.Log(ctx, level, "store: "+strings.TrimSpace(fmt.Sprintf(format, args...)))
}
