// What Linux has for many sockets in one thread, and what Swift's own module of the C library leaves out.
#pragma once

#include <linux/filter.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// accept4 is hidden behind _GNU_SOURCE, with which the importer does not read this header.
extern int accept4(int, struct sockaddr *, socklen_t *, int);

static inline int cepoll_accept(int listener) {
    return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// Whether the socket drops all that arrives, unseen and unanswered: socket(7), SO_ATTACH_FILTER. A listener hands its
// filter down to the connections that it accepts.
static inline int cepoll_set_deaf(int socket, int is_deaf) {
    if (!is_deaf) {
        int unused = 0;
        return setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
    }
    struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
    struct sock_fprog program = {1, &nothing};
    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}
