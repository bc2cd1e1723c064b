// Hosts are canonical: IDNA, IPv4 and IPv6.
export default {
	async fetch(request, env, ctx) {
		return Response.json(["https://EXAMPLE.com", "https://münchen.de", "http://0x7f.1", "http://[1:0::0:1]", "https://a.b:443"].map((s) => new URL(s).host));
	},
};

/*
GET /
--- 200

["example.com","xn--mnchen-3ya.de","127.0.0.1","[1::1]","a.b"]
*/
