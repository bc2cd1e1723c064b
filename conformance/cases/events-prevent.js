// preventDefault counts only where an event can be canceled.
// Differs from workerd: its dispatchEvent answers with defaultPrevented of any event; the DOM standard has no effect of preventDefault where an event cannot be canceled.
export default {
	async fetch(request, env, ctx) {
		const target = new EventTarget();
		target.addEventListener("x", (e) => e.preventDefault());
		const yes = new CustomEvent("x", { cancelable: true, detail: { a: 1 } });
		const no = new Event("x");
		return Response.json([target.dispatchEvent(yes), yes.defaultPrevented, yes.detail, target.dispatchEvent(no), no.defaultPrevented]);
	},
};

/*
GET /
--- 200

[false,true,{"a":1},true,false]
*/
