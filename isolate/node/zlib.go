package node

var zlibFunctions []function
