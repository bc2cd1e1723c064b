// A handler may return a Response without a promise.
export default {
	fetch() {
		return new Response("Hello World!");
	},
};

/*
GET /
--- 200
content-type: text/plain;charset=UTF-8

Hello World!
*/
