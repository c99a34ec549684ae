package wallaroo

import (
	"fmt"
	"io"
	"testing"
)

// generated is a body that is written element by element into one buffer, so that
// what is allocated is the decoder's.
type generated struct {
	head, tail string
	n          int
	element    func(b []byte, i int) []byte

	i    int
	buf  []byte
	rest []byte
}

func (g *generated) Read(b []byte) (int, error) {
	if len(g.rest) == 0 {
		g.buf = g.buf[:0]
		switch {
		case g.i == 0:
			g.buf = g.element(append(g.buf, g.head...), g.i)
		case g.i < g.n:
			g.buf = g.element(append(g.buf, ','), g.i)
		case g.i == g.n:
			g.buf = append(g.buf, g.tail...)
		default:
			return 0, io.EOF
		}

		g.i++
		g.rest = g.buf
	}

	n := copy(b, g.rest)
	g.rest = g.rest[n:]

	return n, nil
}

func manyUsers(n int) io.Reader {
	return &generated{head: `{"users":{`, tail: `}}`, n: n, element: func(b []byte, i int) []byte {
		return fmt.Appendf(b, `"00000000-0000-0000-0000-%012d":{"access":{"impersonate":false,"manage":true,"view":true},"createdTimestamp":1700000000000,`+
			`"disableableCredentialTypes":[],"email":"user-%d@example.com","emailVerified":true,"enabled":true,"federatedIdentities":[],"firstName":"First %d",`+
			`"id":"00000000-0000-0000-0000-%012d","lastName":"Last","notBefore":0,"requiredActions":[],"totp":false,"username":"user-%d@example.com"}`, i, i, i, i, i)
	}}
}

func manyWorkspaces(n int) io.Reader {
	return &generated{head: `{"workspaces":[`, tail: `]}`, n: n, element: func(b []byte, i int) []byte {
		return fmt.Appendf(b, `{"id":%d,"name":"team-%d","created_at":"2024-07-11T15:23:37.011229+00:00","created_by":"00000000-0000-0000-0000-%012d",`+
			`"archived":false,"models":[%d,%d],"pipelines":[%d]}`, i+1, i, i%100, i, i+1, i)
	}}
}

func manyMembers(n int) io.Reader {
	return &generated{head: `{"users":[`, tail: `]}`, n: n, element: func(b []byte, i int) []byte {
		return fmt.Appendf(b, `{"user_id":"00000000-0000-0000-0000-%012d","user_type":"COLLABORATOR"}`, i)
	}}
}

func BenchmarkDecode_100000Users(b *testing.B) { benchmarkDecode[userMap](b, manyUsers, 100_000) }

func BenchmarkDecode_20000Workspaces(b *testing.B) {
	benchmarkDecode[workspaceList](b, manyWorkspaces, 20_000)
}

func BenchmarkDecode_100000Members(b *testing.B) {
	benchmarkDecode[memberList](b, manyMembers, 100_000)
}

func benchmarkDecode[B responseBody[T], T any](b *testing.B, body func(n int) io.Reader, n int) {
	size, _ := io.Copy(io.Discard, body(n))
	b.SetBytes(size)
	b.ReportAllocs()

	for b.Loop() {
		if _, err := decode[B](&bodyReader{source: body(n), left: listLimit}); err != nil {
			b.Fatal(err)
		}
	}
}
