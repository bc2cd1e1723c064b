module.exports = { ...require('os').constants.signals, ...require('os').constants.priority, ...require('crypto').constants };
