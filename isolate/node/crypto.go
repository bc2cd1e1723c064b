package node

var cryptoFunctions []function
