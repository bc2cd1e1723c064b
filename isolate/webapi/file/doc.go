// Package file implements Blob and File of the File API and FormData of the XMLHttpRequest
// standard with its multipart/form-data encoding:
// https://w3c.github.io/FileAPI/ and https://xhr.spec.whatwg.org/#interface-formdata.
//
// The bytes of a [Blob] never change once it exists, so slices, files, bodies and clones
// share them. Nobody may write to what [Blob.Bytes] returns or to what was given to
// [NewBlob].
//
// [ParseMultipart] and [AppendMultipart] need no JavaScript engine.
package file
