package pdf

import (
	"bytes"
	"compress/zlib"
)

// packed is the data of a stream as it will be written.
type packed struct {
	data     []byte
	deflated bool
}

// stream is a stream with this data.
func (p packed) stream(dict Dict) *Stream {
	if p.deflated {
		dict["Filter"] = Name("FlateDecode")
	}
	return &Stream{Dict: dict, Offset: -1, Data: p.data}
}

// packer compresses. Its writer is made once, because it is large.
type packer struct{ writer *zlib.Writer }

// worthPacking is from how many bytes on data is compressed. The letters of a name, a number and a date are less: to
// save a kilobyte of them takes ten times as long as the signature itself.
const worthPacking = 8 << 10

// pack compresses data when that is worth it and makes it smaller.
func (p *packer) pack(data []byte) packed {
	if len(data) < worthPacking {
		return packed{data: data}
	}
	var out bytes.Buffer
	if p.writer == nil {
		p.writer = zlib.NewWriter(&out)
	} else {
		p.writer.Reset(&out)
	}
	_, _ = p.writer.Write(data) // a bytes.Buffer takes everything
	_ = p.writer.Close()
	if out.Len() >= len(data) {
		return packed{data: data}
	}
	return packed{data: out.Bytes(), deflated: true}
}
