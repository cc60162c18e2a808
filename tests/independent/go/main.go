// Follows a published log with golang.org/x/mod/sumdb and says what it found, as JSON; status 1 and a sentence when
// anything doesn't hold.
//
//	follow FOLDER LOG-KEY [WITNESS-KEY...] < proofs.json
//
// The checkpoint must be signed by the log and by each witness; tiles are authenticated against it; every entry of every
// bundle must be the record that the tree holds. The proofs on standard input were made by somebody else.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height      = 8
	width       = 1 << height
	cosignature = 4
)

// A proof that an entry is at an index of the tree of this size and root.
type inclusion struct {
	Index, Size int64
	Root, Leaf  []byte
	Path        [][]byte
}

// A proof that the new tree begins with the old one.
type consistency struct {
	Old, New         int64
	OldRoot, NewRoot []byte
	Proof            [][]byte
}

type given struct {
	Inclusions    []inclusion
	Consistencies []consistency
}

type found struct {
	Origin  string   `json:"origin"`
	Size    int64    `json:"size"`
	Root    string   `json:"root"`
	Signers []string `json:"signers"`
	Entries int64    `json:"entries"`
}

func main() {
	result, err := follow(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(result)
}

func follow(folder, logKey string, witnessKeys []string) (*found, error) {
	result, tree, err := checkpoint(folder, logKey, witnessKeys)
	if err != nil {
		return nil, err
	}
	hashes := tlog.TileHashReader(*tree, tiles(folder))
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil || root != tree.Hash {
		return nil, fmt.Errorf("the tiles make another root: %v %w", root, err)
	}
	if result.Entries, err = entries(folder, *tree, hashes); err != nil {
		return nil, err
	}
	if err := ownProofs(*tree, hashes); err != nil {
		return nil, err
	}
	return result, theirProofs()
}

func checkpoint(folder, logKey string, witnessKeys []string) (*found, *tlog.Tree, error) {
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return nil, nil, err
	}
	verifier, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, nil, err
	}
	verifiers := []note.Verifier{verifier}
	for _, key := range witnessKeys {
		witness, err := newWitness(key)
		if err != nil {
			return nil, nil, err
		}
		verifiers = append(verifiers, witness)
	}
	signed, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		return nil, nil, err
	}
	if len(signed.Sigs) != len(verifiers) {
		return nil, nil, fmt.Errorf("%d of %d signatures", len(signed.Sigs), len(verifiers))
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return nil, nil, fmt.Errorf("no checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return nil, nil, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, nil, err
	}
	result := &found{Origin: lines[0], Size: size, Root: root.String()}
	for _, signature := range signed.Sigs {
		result.Signers = append(result.Signers, signature.Name)
	}
	return result, &tlog.Tree{N: size, Hash: root}, nil
}

// witness verifies cosignatures of type 4 (C2SP tlog-cosignature), which sumdb/note leaves to its callers.
type witness struct {
	name string
	key  ed25519.PublicKey
}

func newWitness(text string) (*witness, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("no key: %s", text)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignature {
		return nil, fmt.Errorf("no key of a witness: %s", text)
	}
	w := &witness{parts[0], ed25519.PublicKey(key[1:])}
	if fmt.Sprintf("%08x", w.KeyHash()) != parts[1] {
		return nil, fmt.Errorf("a key with another's hash: %s", text)
	}
	return w, nil
}

func (w *witness) Name() string { return w.name }

func (w *witness) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(w.name+"\n\x04"), w.key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (w *witness) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(signature))
	return ed25519.Verify(w.key, append([]byte(head), message...), signature[8:])
}

// tiles reads the folder's tiles by the names of C2SP tlog-tiles, which leave the height out.
type tiles string

func (folder tiles) Height() int { return height }

func (folder tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (folder tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var contents [][]byte
	for _, tile := range wanted {
		content, err := os.ReadFile(folder.path(tile))
		if err != nil {
			return nil, err
		}
		contents = append(contents, content)
	}
	return contents, nil
}

func (folder tiles) path(tile tlog.Tile) string {
	name := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return filepath.Join(string(folder), "tile", strings.Replace(name, "data/", "entries/", 1))
}

// entries compares every entry of every bundle with the tree, and returns how many there are.
func entries(folder string, tree tlog.Tree, hashes tlog.HashReader) (int64, error) {
	for first := int64(0); first < tree.N; first += width {
		count := tree.N - first
		if count > width {
			count = width
		}
		tile := tlog.Tile{H: height, L: -1, N: first / width, W: int(count)}
		content, err := os.ReadFile(tiles(folder).path(tile))
		if err != nil {
			return 0, err
		}
		var places []int64
		var records []tlog.Hash
		for at := first; len(content) > 0; at++ {
			if len(content) < 2 || len(content) < 2+int(binary.BigEndian.Uint16(content)) {
				return 0, fmt.Errorf("%s is cut short", tile.Path())
			}
			end := 2 + int(binary.BigEndian.Uint16(content))
			places = append(places, tlog.StoredHashIndex(0, at))
			records = append(records, tlog.RecordHash(content[2:end]))
			content = content[end:]
		}
		if int64(len(records)) != count {
			return 0, fmt.Errorf("%s has %d entries", tile.Path(), len(records))
		}
		stored, err := hashes.ReadHashes(places)
		if err != nil {
			return 0, err
		}
		for i, record := range records {
			if stored[i] != record {
				return 0, fmt.Errorf("entry %d isn't what the tree holds", first+int64(i))
			}
		}
	}
	return tree.N, nil
}

// ownProofs makes proofs from the tiles, at places spread over the tree, and checks them.
func ownProofs(tree tlog.Tree, hashes tlog.HashReader) error {
	for n := int64(1); n < tree.N; n += 1 + n/3 {
		record, err := tlog.ProveRecord(tree.N, n, hashes)
		if err != nil {
			return err
		}
		stored, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(record, tree.N, tree.Hash, n, stored[0]); err != nil {
			return err
		}
		before, err := tlog.TreeHash(n, hashes)
		if err != nil {
			return err
		}
		growth, err := tlog.ProveTree(tree.N, n, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(growth, tree.N, tree.Hash, n, before); err != nil {
			return err
		}
	}
	return nil
}

func theirProofs() error {
	var all given
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		return err
	}
	for _, p := range all.Inclusions {
		if err := tlog.CheckRecord(path(p.Path), p.Size, hash(p.Root), p.Index, tlog.RecordHash(p.Leaf)); err != nil {
			return fmt.Errorf("inclusion of %d in %d: %w", p.Index, p.Size, err)
		}
	}
	for _, p := range all.Consistencies {
		err := tlog.CheckTree(tlog.TreeProof(path(p.Proof)), p.New, hash(p.NewRoot), p.Old, hash(p.OldRoot))
		if err != nil {
			return fmt.Errorf("growth from %d to %d: %w", p.Old, p.New, err)
		}
	}
	return nil
}

func path(hashes [][]byte) tlog.RecordProof {
	var proof tlog.RecordProof
	for _, each := range hashes {
		proof = append(proof, hash(each))
	}
	return proof
}

func hash(content []byte) (h tlog.Hash) {
	if len(content) != len(h) {
		fmt.Fprintf(os.Stderr, "not a hash: %x\n", content)
		os.Exit(1)
	}
	copy(h[:], content)
	return h
}
