// SPDX-License-Identifier: GPL-2.0-only
/*
 * frames INTERFACE PEER COUNT: send COUNT Ethernet frames each way between two
 * network interfaces on one wire, which have a link, one at a time, and compare
 * what arrives.
 *
 * Each has another length and other random contents. Nothing is sent twice and
 * nobody acknowledges, so that a frame that is lost is missed. Prints how many
 * were sent, how many arrived the same, and how long the slowest took.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

/* Nobody else's: IEEE's for experiments */
#define PROTOCOL	0x88b5

#define FRAME_MS	5000

struct port {
	const char *name;
	int fd;
};

static long long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static void open_port(struct port *port, const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(PROTOCOL),
	};
	struct ifreq request = {};

	port->name = name;
	port->fd = socket(AF_PACKET, SOCK_RAW, htons(PROTOCOL));
	/* The queue that there is at first when a link comes up drops frames */
	if (port->fd < 0 || setsockopt(port->fd, SOL_PACKET,
				       PACKET_QDISC_BYPASS, &(int){ 1 },
				       sizeof(int)))
		err(1, "packet socket");
	/* if_nametoindex() needs a socket of a kind that not each kernel has */
	snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
	if (ioctl(port->fd, SIOCGIFINDEX, &request))
		err(1, "%s", name);
	address.sll_ifindex = request.ifr_ifindex;
	if (bind(port->fd, (struct sockaddr *)&address, sizeof(address)))
		err(1, "bind to %s", name);
}

/* To all, for there is nobody else; returns the length */
static size_t make_frame(unsigned char *frame)
{
	unsigned short protocol = htons(PROTOCOL);
	unsigned short length;

	if (getrandom(frame, ETH_FRAME_LEN, 0) != ETH_FRAME_LEN ||
	    getrandom(&length, sizeof(length), 0) != sizeof(length))
		err(1, "random bytes");
	memset(frame, 0xff, ETH_ALEN);
	memset(frame + ETH_ALEN, 0x02, ETH_ALEN);
	memcpy(frame + 2 * ETH_ALEN, &protocol, sizeof(protocol));
	return ETH_ZLEN + length % (ETH_FRAME_LEN - ETH_ZLEN + 1);
}

/* How many microseconds a frame took; -1 if it did not arrive as it was sent */
static long long exchange(const struct port *from, const struct port *to)
{
	unsigned char sent[ETH_FRAME_LEN], got[ETH_FRAME_LEN + 1];
	struct pollfd wait = { .fd = to->fd, .events = POLLIN };
	size_t length = make_frame(sent);
	long long start = microseconds();

	if (send(from->fd, sent, length, 0) != (ssize_t)length)
		err(1, "send by %s", from->name);
	if (poll(&wait, 1, FRAME_MS) != 1 ||
	    recv(to->fd, got, sizeof(got), 0) != (ssize_t)length ||
	    memcmp(sent, got, length))
		return -1;
	return microseconds() - start;
}

int main(int argc, char **argv)
{
	long long took, slowest = 0;
	int i, count, same = 0;
	struct port port[2];

	if (argc != 4)
		errx(2, "usage: frames INTERFACE PEER COUNT");
	open_port(&port[0], argv[1]);
	open_port(&port[1], argv[2]);
	count = 2 * atoi(argv[3]);
	for (i = 0; i < count; i++) {
		took = exchange(&port[i % 2], &port[(i + 1) % 2]);
		same += took >= 0;
		if (took > slowest)
			slowest = took;
	}
	printf("sent %d same %d slowest_us %lld\n", count, same, slowest);
	return 0;
}
