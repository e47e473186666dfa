/* WebSocket frames as a client needs them: masked ones out, unmasked ones in (RFC 6455). */
#ifndef FRAME_H
#define FRAME_H

#include "common.h"

enum { TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10, FRAME_HEAD = 14 };

struct frame {
    int opcode;
    char *payload;
    size_t length, whole; /* of the payload; with its head */
};

/* The frame at `from`. 0 where its head is not all there; `whole` tells how much it needs. */
static int read_frame(char *from, size_t have, struct frame *found) {
    const unsigned char *byte = (const unsigned char *)from;
    size_t head = 2;
    found->whole = head;
    if (have < head) return 0;
    if (!(byte[0] & 0x80)) fail("the server sends fragments, which is not foreseen");
    if (byte[1] & 0x80) fail("the server masks its frames");
    size_t length = byte[1] & 0x7f;
    int more = length == 126 ? 2 : length == 127 ? 8 : 0;
    head += (size_t)more;
    found->whole = head;
    if (have < head) return 0;
    if (more) length = 0;
    for (int n = 0; n < more; n++) length = length << 8 | byte[2 + n];
    *found = (struct frame){byte[0] & 0x0f, from + head, length, head + length};
    return have >= found->whole;
}

/* Write a masked frame; its length. `to` has FRAME_HEAD bytes more than the payload. */
static size_t write_frame(char *to, int opcode, const char *payload, size_t length) {
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    unsigned char *byte = (unsigned char *)to;
    size_t head = 2;
    byte[0] = (unsigned char)(0x80 | opcode);
    if (length < 126) {
        byte[1] = (unsigned char)(0x80 | length);
    } else if (length < 65536) {
        byte[1] = 0x80 | 126;
        byte[2] = (unsigned char)(length >> 8);
        byte[3] = (unsigned char)length;
        head = 4;
    } else {
        fail("a frame of %zu bytes is longer than foreseen", length);
    }
    memcpy(byte + head, mask, 4);
    head += 4;
    for (size_t n = 0; n < length; n++) byte[head + n] = (unsigned char)payload[n] ^ mask[n & 3];
    return head + length;
}

#endif
