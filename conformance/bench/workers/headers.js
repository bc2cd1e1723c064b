// Rewrites the URL, reads cookies and copies headers, as a proxy in front of an
// application does.
export default {
	fetch(request) {
		const url = new URL(request.url);
		url.protocol = "https:";
		url.hostname = "origin.example";
		url.port = "";
		url.pathname = "/v2" + url.pathname;
		url.searchParams.delete("utm_source");
		url.searchParams.set("lang", "en");

		const cookies = new Map();
		for (const pair of request.headers.get("cookie").split("; ")) {
			const at = pair.indexOf("=");
			cookies.set(pair.slice(0, at), pair.slice(at + 1));
		}
		const forward = new Headers(request.headers);
		forward.delete("cookie");
		forward.set("x-app-session", cookies.get("session"));

		const headers = new Headers({ "content-type": "text/plain", vary: "accept-language" });
		for (const [name, value] of forward) {
			if (name.startsWith("x-app-")) headers.set(name, value);
		}
		headers.append("set-cookie", "seen=1; Path=/; HttpOnly");
		return new Response(url.href, { headers });
	},
};
