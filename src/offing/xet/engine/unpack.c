/* Unpacks the chunks of a xorb, one after another, into one piece of memory. LZ4 itself is the caller's library.
 *
 * The bytes come from anywhere: nothing is read or written beyond the sizes that are given. What is wrong with bytes
 * that are refused here the caller finds out, who can do the same more slowly.
 *
 * Source: draft-denis-xet, section "Xorbs". A chunk's header, little-endian: version (8 bits, 0), compressed length
 * (24 bits), scheme (8 bits), length (24 bits).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HEADER = 8, LARGEST = 128 * 1024, LARGEST_COMPRESSED = LARGEST + 1024 };
enum { NONE, LZ4, GROUPED_LZ4 };

typedef struct {
    uint32_t compressed, scheme, length;
} Header;

/* LZ4F_decompress and LZ4F_resetDecompressionContext, as LZ4's lz4frame.h declares them. They put a block where it
 * belongs only where the largest of its frame would fit, and else copy it there: frames of chunks have blocks of up to
 * twice the largest chunk. */
enum { SPARE = 2 * LARGEST };

typedef struct {
    size_t (*decompress)(void *context, void *to, size_t *room, const void *from, size_t *size, const void *options);
    void (*reset)(void *context);
    void *context;
    uint8_t *spare; /* [SPARE] */
} Lz4;

static int read_header(const uint8_t *data, Header *header)
{
    header->compressed = data[1] | data[2] << 8 | (uint32_t)data[3] << 16;
    header->scheme = data[4];
    header->length = data[5] | data[6] << 8 | (uint32_t)data[7] << 16;
    return data[0] == 0 && header->compressed - 1 < LARGEST_COMPRESSED && header->length - 1 < LARGEST;
}

/* Find the whole chunks at the start of some bytes: no more than have `most` bytes of content together, but one at
 * least, and no more than `chunks`. Gives their number, their `lengths`, and in `packed` how many bytes they take;
 * -1 for what is no chunk. */
ptrdiff_t offing_xet_measure(const uint8_t *data, size_t size, int64_t most, ptrdiff_t chunks, uint32_t *lengths,
                             size_t *packed)
{
    ptrdiff_t count = 0;
    size_t place = 0;
    Header header;
    while (count < chunks && size - place >= HEADER) {
        if (!read_header(data + place, &header))
            return -1;
        if (header.compressed > size - place - HEADER || (count && header.length > most))
            break;
        most -= header.length;
        lengths[count++] = header.length;
        place += HEADER + header.compressed;
    }
    *packed = place;
    return count;
}

/* Put back in place the bytes of words of four, of which each place's stand together. */
static void ungroup(const uint8_t *restrict grouped, size_t length, uint8_t *restrict plain)
{
    size_t words = length / 4, left = length % 4;
    const uint8_t *restrict first = grouped, *restrict second = first + words + (left > 0),
                  *restrict third = second + words + (left > 1), *restrict fourth = third + words + (left > 2);
    for (size_t word = 0; word < words; word++) {
        plain[4 * word] = first[word];
        plain[4 * word + 1] = second[word];
        plain[4 * word + 2] = third[word];
        plain[4 * word + 3] = fourth[word];
    }
    if (left > 0)
        plain[4 * words] = first[words];
    if (left > 1)
        plain[4 * words + 1] = second[words];
    if (left > 2)
        plain[4 * words + 2] = third[words];
}

/* Whether the bytes are one LZ4 frame, to its end, with a content of exactly the header's length. All of the room may
 * be written to. */
static int inflate(const Lz4 *lz4, const uint8_t *data, const Header *header, uint8_t *plain, size_t room)
{
    size_t taken = header->compressed;
    lz4->reset(lz4->context);
    return lz4->decompress(lz4->context, plain, &room, data, &taken, NULL) == 0 && taken == header->compressed &&
           room == header->length;
}

static int unpack(const uint8_t *data, const Header *header, uint8_t *content, size_t room, const Lz4 *lz4)
{
    switch (header->scheme) {
    case NONE:
        if (header->compressed != header->length)
            return 0;
        memcpy(content, data, header->length);
        return 1;
    case LZ4:
        return inflate(lz4, data, header, content, room);
    case GROUPED_LZ4:
        if (!inflate(lz4, data, header, lz4->spare, SPARE))
            return 0;
        ungroup(lz4->spare, header->length, content);
        return 1;
    default:
        return 0;
    }
}

/* Unpack as many chunks as offing_xet_measure has found in these bytes. `room` is their lengths' sum, for which
 * `content` has room. 0 where one of them is not what its header says. */
int offing_xet_unpack(const uint8_t *data, ptrdiff_t count, uint8_t *content, size_t room, const Lz4 *lz4)
{
    Header header;
    for (; count > 0; count--) {
        read_header(data, &header);
        data += HEADER;
        if (!unpack(data, &header, content, room, lz4))
            return 0;
        data += header.compressed;
        content += header.length;
        room -= header.length;
    }
    return 1;
}
