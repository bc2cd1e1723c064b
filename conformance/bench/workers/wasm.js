import kernel from "./kernel.wasm";

const { exports } = new WebAssembly.Instance(kernel);

export default {
	fetch() {
		return new Response(String(exports.primes(10000)));
	},
};
