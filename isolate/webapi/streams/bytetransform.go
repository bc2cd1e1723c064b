package streams

// A ByteTransformer turns bytes into bytes.
type ByteTransformer interface{}
