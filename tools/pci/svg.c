// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recording as a timeline: a row a function, in it a bar a map in the upper
 * half, a bar an unmap in the lower one.
 */
#include <stdlib.h>

#include "hv-decode.h"

#define WIDTH		1000
#define LEFT		120
#define RIGHT		20
#define TOP		76
#define ROW		16
#define BAR		7
#define FOOT		44
#define LEGEND_STEP	110
#define MAX_TICKS	14
#define MS		1e6

#define GROUND		"#ffffff"
#define BAND		"#f3f5f7"
#define MAPS		"#0969da"
#define UNMAPS		"#e16f24"

static const char style[] =
"<style>\n"
"text { font: 11px system-ui, sans-serif; fill: #1f2328; }\n"
".title { font-size: 15px; font-weight: 600; }\n"
".name { text-anchor: end; }\n"
".tick { text-anchor: middle; }\n"
".line { stroke: #59636e; fill: none; }\n"
"</style>\n";

/**
 * struct drawing - where things go
 * @recording: what is drawn
 * @file: where to
 * @start_ns: time of the left edge
 * @span_ms: time from there to the right edge
 */
struct drawing {
	const struct recording *recording;
	FILE *file;
	__u64 start_ns;
	double span_ms;
};

static double x_of(const struct drawing *drawing, double ms)
{
	return LEFT + ms / drawing->span_ms * (WIDTH - LEFT - RIGHT);
}

static void find_span(struct drawing *drawing)
{
	const struct recording *recording = drawing->recording;
	__u64 end = 0;
	size_t place;

	for (place = 0; place < recording->transition_count; place++) {
		const struct transition *each = &recording->transitions[place];

		if (!place || each->start_ns < drawing->start_ns)
			drawing->start_ns = each->start_ns;
		if (each->start_ns + each->duration_ns > end)
			end = each->start_ns + each->duration_ns;
	}
	drawing->span_ms = (end - drawing->start_ns) / MS;
	if (drawing->span_ms < 1)
		drawing->span_ms = 1;
}

/* No string needs escapes: names and numbers are all there is */
static void draw_text(const struct drawing *drawing, double x, int y,
		      const char *class, const char *string)
{
	fprintf(drawing->file, "<text class='%s' x='%.1f' y='%d'>%s</text>\n",
		class, x, y, string);
}

/* A rectangle; title is shown to a pointer, empty for nothing */
static void draw_box(const struct drawing *drawing, double x, int y,
		     double width, int height, const char *fill,
		     const char *title)
{
	fprintf(drawing->file, "<rect x='%.2f' y='%d' width='%.2f' ", x, y,
		width);
	fprintf(drawing->file, "height='%d' fill='%s'>", height, fill);
	if (*title)
		fprintf(drawing->file, "<title>%s</title>", title);
	fputs("</rect>\n", drawing->file);
}

static void draw_head(const struct drawing *drawing)
{
	struct function total = total_of(drawing->recording);
	char *title;

	title = text("%llu maps, %llu unmaps of %zu functions, %.1f ms",
		     total.maps, total.unmaps,
		     drawing->recording->function_count,
		     busy_ns(drawing->recording) / MS);
	draw_text(drawing, LEFT, 28, "title", title);
	free(title);
}

static void draw_legend(const struct drawing *drawing)
{
	draw_box(drawing, LEFT, 42, 14, 9, MAPS, "");
	draw_text(drawing, LEFT + 20, 51, "", "map");
	draw_box(drawing, LEFT + LEGEND_STEP, 42, 14, 9, UNMAPS, "");
	draw_text(drawing, LEFT + LEGEND_STEP + 20, 51, "", "unmap");
}

static void draw_transition(const struct drawing *drawing, int y,
			    const struct transition *transition)
{
	double start = x_of(drawing,
			    (transition->start_ns - drawing->start_ns) / MS);
	double width = x_of(drawing, transition->duration_ns / MS) - LEFT;
	char *title = text("%s: %.1f ms", transition->map ? "map" : "unmap",
			   transition->duration_ns / MS);

	draw_box(drawing, start, y + (transition->map ? 1 : 1 + BAR),
		 width < 0.8 ? 0.8 : width, BAR,
		 transition->map ? MAPS : UNMAPS, title);
	free(title);
}

static void draw_row(const struct drawing *drawing, size_t row)
{
	const struct recording *recording = drawing->recording;
	__u64 address = recording->functions[row].address;
	int y = TOP + ROW * (int)row;
	char name[ADDRESS_SIZE];
	size_t place;

	if (row % 2 == 0)
		draw_box(drawing, LEFT, y, WIDTH - LEFT - RIGHT, ROW, BAND, "");
	draw_text(drawing, LEFT - 6, y + ROW - 4, "name",
		  format_address(address, name));
	for (place = 0; place < recording->transition_count; place++) {
		if (recording->transitions[place].address == address)
			draw_transition(drawing, y,
					&recording->transitions[place]);
	}
}

/* 1, 2, 5, 10 and so on: a round distance with few ticks */
static double tick_distance(double span_ms)
{
	static const double factors[] = { 2, 2.5, 2 };
	double distance = 0.1;
	unsigned int step = 0;

	while (span_ms / distance > MAX_TICKS)
		distance *= factors[step++ % ARRAY_SIZE(factors)];
	return distance;
}

static void draw_axis(const struct drawing *drawing, int y)
{
	double distance = tick_distance(drawing->span_ms);
	unsigned int tick;
	char label[32];

	fprintf(drawing->file, "<path class='line' d='M%d %dH%d", LEFT, y,
		WIDTH - RIGHT);
	for (tick = 0; tick * distance <= drawing->span_ms; tick++)
		fprintf(drawing->file, "M%.1f %dv5",
			x_of(drawing, tick * distance), y);
	fputs("'/>\n", drawing->file);
	for (tick = 0; tick * distance <= drawing->span_ms; tick++) {
		snprintf(label, sizeof(label), "%g", tick * distance);
		draw_text(drawing, x_of(drawing, tick * distance), y + 17,
			  "tick", label);
	}
	draw_text(drawing, WIDTH - RIGHT, y + 32, "name", "ms");
}

void print_svg(const struct recording *recording, FILE *file)
{
	struct drawing drawing = { .recording = recording, .file = file };
	int bottom = TOP + ROW * (int)recording->function_count + 4;
	size_t row;

	find_span(&drawing);
	fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' width='%d' ", WIDTH);
	fprintf(file, "height='%d' viewBox='0 0 %d %d'>\n%s", bottom + FOOT,
		WIDTH, bottom + FOOT, style);
	draw_box(&drawing, 0, 0, WIDTH, bottom + FOOT, GROUND, "");
	draw_head(&drawing);
	draw_legend(&drawing);
	for (row = 0; row < recording->function_count; row++)
		draw_row(&drawing, row);
	draw_axis(&drawing, bottom);
	fputs("</svg>\n", file);
}
