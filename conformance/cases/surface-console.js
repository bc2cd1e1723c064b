// The console and performance have all their members.
// Differs from workerd: it has user timing only with nodejs_compat.
export default {
	async fetch(request, env, ctx) {
		const names = `console.log console.info console.warn console.error console.debug console.trace console.assert console.dir console.dirxml console.table console.group console.groupCollapsed console.groupEnd console.count console.countReset console.time console.timeLog console.timeEnd console.clear console.timeStamp performance.now performance.timeOrigin performance.mark performance.measure performance.clearMarks performance.clearMeasures performance.getEntries performance.getEntriesByName performance.getEntriesByType performance.toJSON PerformanceObserver PerformanceEntry PerformanceMark PerformanceMeasure`.split(/\s+/);
		const has = (path) => {
			let o = globalThis;
			for (const part of path.split(".")) {
				if (o === undefined || o === null || !(part in Object(o))) {
					return false;
				}
				o = part === "prototype" ? o.prototype : path.endsWith("." + part) ? 1 : o[part];
			}
			return true;
		};
		return Response.json(names.filter((name) => !has(name)));
	},
};

/*
GET /
--- 200

[]
*/
