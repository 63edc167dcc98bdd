#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <usrsctp.h>

// What Swift does not see: a variadic function pointer, and flexible members of structures.

static inline void cusrsctp_init(int (*output)(void *address, void *packet, size_t length, uint8_t tos, uint8_t set_df)) {
    usrsctp_init_nothreads(0, output, NULL);
}

static inline int cusrsctp_protocol(void) { return IPPROTO_SCTP; }

/// Resets the outgoing side of one stream.
static inline int cusrsctp_reset_stream(struct socket *socket, uint16_t stream) {
    union {
        struct sctp_reset_streams request;
        uint8_t space[sizeof(struct sctp_reset_streams) + sizeof(uint16_t)];
    } buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.request.srs_flags = SCTP_STREAM_RESET_OUTGOING;
    buffer.request.srs_number_streams = 1;
    memcpy(buffer.space + offsetof(struct sctp_reset_streams, srs_stream_list), &stream, sizeof stream);
    return usrsctp_setsockopt(socket, IPPROTO_SCTP, SCTP_RESET_STREAMS, &buffer, (socklen_t)sizeof buffer);
}

/// Where the streams of a reset event stand, in bytes from its beginning.
static inline size_t cusrsctp_reset_event_streams(void) {
    return offsetof(struct sctp_stream_reset_event, strreset_stream_list);
}
