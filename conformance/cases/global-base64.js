// atob and btoa, and the error of what is not base64.
export default {
	async fetch(request, env, ctx) {
		return Response.json([btoa("Hello"), atob("SGVsbG8="), (() => { try { atob("?") } catch (e) { return [e.name, e instanceof DOMException, e.code] } })()]);
	},
};

/*
GET /
--- 200
content-type: application/json

["SGVsbG8=","Hello",["InvalidCharacterError",true,5]]
*/
