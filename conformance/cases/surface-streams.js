// Streams and encodings have all their members.
export default {
	async fetch(request, env, ctx) {
		const names = `TextEncoder.prototype.encoding TextEncoder.prototype.encode TextEncoder.prototype.encodeInto TextDecoder.prototype.encoding TextDecoder.prototype.fatal TextDecoder.prototype.ignoreBOM TextDecoder.prototype.decode TextEncoderStream.prototype.readable TextEncoderStream.prototype.writable TextDecoderStream.prototype.readable TextDecoderStream.prototype.writable CompressionStream.prototype.readable CompressionStream.prototype.writable DecompressionStream.prototype.readable DecompressionStream.prototype.writable TransformStream.prototype.readable TransformStream.prototype.writable IdentityTransformStream.prototype.readable IdentityTransformStream.prototype.writable FixedLengthStream ReadableStream.prototype.locked ReadableStream.prototype.cancel ReadableStream.prototype.getReader ReadableStream.prototype.pipeThrough ReadableStream.prototype.pipeTo ReadableStream.prototype.tee ReadableStream.prototype.values ReadableStreamDefaultReader.prototype.closed ReadableStreamDefaultReader.prototype.cancel ReadableStreamDefaultReader.prototype.read ReadableStreamDefaultReader.prototype.releaseLock ReadableStreamBYOBReader.prototype.closed ReadableStreamBYOBReader.prototype.cancel ReadableStreamBYOBReader.prototype.read ReadableStreamBYOBReader.prototype.releaseLock ReadableStreamBYOBReader.prototype.readAtLeast ReadableByteStreamController.prototype.byobRequest ReadableByteStreamController.prototype.desiredSize ReadableByteStreamController.prototype.enqueue ReadableByteStreamController.prototype.close ReadableByteStreamController.prototype.error ReadableStreamBYOBRequest.prototype.view ReadableStreamBYOBRequest.prototype.respond ReadableStreamBYOBRequest.prototype.respondWithNewView WritableStream.prototype.locked WritableStream.prototype.abort WritableStream.prototype.close WritableStream.prototype.getWriter WritableStreamDefaultWriter.prototype.closed WritableStreamDefaultWriter.prototype.ready WritableStreamDefaultWriter.prototype.desiredSize WritableStreamDefaultWriter.prototype.abort WritableStreamDefaultWriter.prototype.close WritableStreamDefaultWriter.prototype.write WritableStreamDefaultWriter.prototype.releaseLock WritableStreamDefaultController.prototype.signal WritableStreamDefaultController.prototype.error TransformStreamDefaultController.prototype.desiredSize TransformStreamDefaultController.prototype.enqueue TransformStreamDefaultController.prototype.error TransformStreamDefaultController.prototype.terminate ByteLengthQueuingStrategy CountQueuingStrategy`.split(/\s+/);
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
