module.exports = native;
