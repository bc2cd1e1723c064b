// https://nodejs.org/api/stream.html#streams-promises-api
const { finished: finishedCallback, run, isNodeStream, isIterable } = require('internal/stream/pipeline');

function pipeline(...streams) {
  return new Promise((resolve, reject) => {
    const last = streams[streams.length - 1];
    let options = {};
    if (last && typeof last === 'object' && !isNodeStream(last) && !isIterable(last) && !('getWriter' in last) && !('getReader' in last)) options = streams.pop();
    run(streams, (err, value) => (err ? reject(err) : resolve(value)), options);
  });
}

function finished(stream, options = {}) {
  return new Promise((resolve, reject) => {
    const clean = finishedCallback(stream, options, (err) => {
      if (options.cleanup) clean();
      if (err) reject(err);
      else resolve();
    });
  });
}

module.exports = { finished, pipeline };
