// A form with a file.
export default {
	async fetch(request, env, ctx) {
		const form = await request.formData();
		const file = form.get("file");
		return Response.json([form.get("name"), file instanceof File, file.name, file.type, file.size, await file.text()]);
	},
};

/*
POST /
content-type: multipart/form-data; boundary=XX

--XX
Content-Disposition: form-data; name="name"

Ada
--XX
Content-Disposition: form-data; name="file"; filename="a.txt"
Content-Type: text/plain

contents
--XX--

--- 200

["Ada",true,"a.txt","text/plain",8,"contents"]
*/
