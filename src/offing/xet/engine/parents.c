/* Which nodes of a Merkle tree share a parent, and the text that the parent's hash is taken of.
 *
 * Source: draft-denis-xet, section "Merkle Trees". A parent ends with the first node past two whose hash is a
 * multiple of 4, with the ninth at the latest. A node's line: its hash, " : ", its size, a line feed.
 */
#include <stddef.h>
#include <stdint.h>

enum { HASH = 32, MOST_CHILDREN = 9 };

static size_t children(const uint8_t *hashes, size_t count)
{
    size_t most = count < MOST_CHILDREN ? count : MOST_CHILDREN;
    for (size_t node = 2; node < most; node++)
        if ((hashes[node * HASH + 24] & 3) == 0)
            return node + 1;
    return most;
}

/* Four little-endian words of 64 bits, each in hexadecimal. */
static char *write_hash(const uint8_t *hash, char *text)
{
    for (int word = 0; word < HASH; word += 8)
        for (int byte = word + 7; byte >= word; byte--) {
            *text++ = "0123456789abcdef"[hash[byte] >> 4];
            *text++ = "0123456789abcdef"[hash[byte] & 15];
        }
    return text;
}

static char *write_number(uint64_t number, char *text)
{
    char digits[20];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *text++ = digits[--count];
    return text;
}

/* Find the parents of the first nodes while there are at least `least` of them, and of them 1. `hashes` and `sizes`
 * are those of `count` nodes; `parent_sizes`, of the content below each parent, and `lengths`, of their texts, have
 * room for as many, `text` for 88 letters each. Gives how many parents there are, in `end` how many nodes have one. */
size_t offing_xet_parents(const uint8_t *hashes, const uint64_t *sizes, size_t count, size_t least,
                          uint64_t *parent_sizes, uint32_t *lengths, char *text, size_t *end)
{
    size_t found = 0, node = 0;
    while (count - node >= least && count > node) {
        char *letter = text;
        uint64_t size = 0;
        for (size_t last = node + children(hashes + node * HASH, count - node); node < last; node++) {
            letter = write_hash(hashes + node * HASH, letter);
            *letter++ = ' ', *letter++ = ':', *letter++ = ' ';
            letter = write_number(sizes[node], letter);
            *letter++ = '\n';
            size += sizes[node];
        }
        parent_sizes[found] = size;
        lengths[found++] = (uint32_t)(letter - text);
        text = letter;
    }
    *end = node;
    return found;
}
