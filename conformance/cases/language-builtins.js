// Newer built-ins of the language.
export default {
	async fetch(request, env, ctx) {
		return Response.json([[1, 2, 3].at(-1), [3, 1].toSorted(), Object.groupBy([1, 2, 3], (n) => (n % 2 ? "odd" : "even")), "a-a".replaceAll("a", "b"), Object.fromEntries([["k", 1]]), [1, [2, [3]]].flat(Infinity), "ab".isWellFormed()]);
	},
};

/*
GET /
--- 200
content-type: application/json

[3,[1,3],{"odd":[1,3],"even":[2]},"b-b",{"k":1},[1,2,3],true]
*/
