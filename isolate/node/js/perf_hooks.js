// https://nodejs.org/api/perf_hooks.html
const { coded } = require('internal/errors');

module.exports = {
  constants: {
    NODE_PERFORMANCE_GC_MAJOR: 4, NODE_PERFORMANCE_GC_MINOR: 1, NODE_PERFORMANCE_GC_INCREMENTAL: 8, NODE_PERFORMANCE_GC_WEAKCB: 16,
  },
  monitorEventLoopDelay() { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'perf_hooks.monitorEventLoopDelay is not supported by Mayfly'); },
  createHistogram() { throw coded(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'perf_hooks.createHistogram is not supported by Mayfly'); },
};
for (const name of ['performance', 'PerformanceEntry', 'PerformanceMark', 'PerformanceMeasure', 'PerformanceObserver',
  'PerformanceObserverEntryList', 'PerformanceResourceTiming', 'Performance']) {
  Object.defineProperty(module.exports, name, { enumerable: true, configurable: true, get() { return globalThis[name]; } });
}
