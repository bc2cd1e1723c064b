// The default export may be an instance of a class with private fields.
class App {
	#count = 0;
	fetch = async (request) => new Response(`${request.method} ${++this.#count}`);
}
export default new App();

/*
POST /
--- 200

POST 1
*/
