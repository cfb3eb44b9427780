"""The GLSL programs of figures and trails, version 3.30 core, as text.

World space is metres, y up, the floor at y = 0. Light is computed in linear light and leaves through
`to_screen`. Colours of light and surface stand here, those of the body come with its instances.
"""

from __future__ import annotations

VERSION = "#version 330 core\n"

# What several programs share: the lamps, the backdrop and the way to the screen.
LIGHT = """
uniform vec3 eye_m;
uniform vec3 key_direction;             // towards the lamp, unit
const vec3 KEY = vec3(1.00, 0.92, 0.80) * 1.60;
const vec3 SKY = vec3(0.56, 0.64, 0.78) * 0.44;
const vec3 GROUND = vec3(0.36, 0.32, 0.30) * 0.34;

// A gentle shoulder, x (1 + x / 12) / (1 + 0.62 x), then the sRGB curve: both as one fraction in the root of the light,
// fitted to within 0.001 from black to white. Powers cost a quarter of the picture in software, and roots add up.
vec3 toned(vec3 light) {
    vec3 s = sqrt(max(light, 0.0));
    return s * (0.301486 + s * (-21.705810 + s * (989.67301 - s * 82.664821)))
        / (1.0 + s * (-7.0887277 + s * (742.83926 + s * 320.85473)));
}
"""

GRAIN = """
float grain(vec2 pixel) {               // interleaved gradient noise (Jimenez 2014), -0.5 to 0.5
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715)))) - 0.5;
}
// The grain is half a step of 8 bits: dark gradients do not band.
vec4 grained(vec3 colour) { return vec4(colour + grain(gl_FragCoord.xy) / 255.0, 1.0); }
"""
TO_SCREEN = GRAIN + "vec4 to_screen(vec3 light) { return grained(toned(light)); }\n"

OCCLUSION = """
// Occluders are capsules: texel (0, i) is end a and radius a, texel (1, i) end b and radius b.
uniform sampler2D occluders;

// How much of the sky above the plane through p with normal n a capsule hides, 0 to 1. The nearest
// point's sphere stands for the capsule (sphere over a horizon: Quilez, "sphere ambient occlusion").
float hidden_by(vec3 p, vec3 n, vec4 a, vec4 b) {
    vec3 along = b.xyz - a.xyz;
    float h = clamp(dot(p - a.xyz, along) / max(dot(along, along), 1e-8), 0.0, 1.0);
    vec3 to = a.xyz + h * along - p;
    float r = mix(a.w, b.w, h), nearness = inversesqrt(max(dot(to, to), 1e-8));
    return clamp(dot(n, to) * nearness * 0.85 + 0.15, 0.0, 1.0) * min(r * r * nearness * nearness, 1.0);
}
"""

# The skin: each vertex goes with up to four joints, blended as dual quaternions.
_SKIN = """
layout(location = 0) in vec3 rest_m;
layout(location = 1) in vec3 rest_normal;
layout(location = 2) in vec3 paint;            // linear colour
layout(location = 3) in vec4 carriers;         // joints, the one that carries most first
layout(location = 4) in vec4 shares;           // how much each carries; adding up to 1
uniform sampler2D joints;   // texel (0, j) the turn of joint j, (1, j) its dual part, (2, j) its look
uniform ivec2 joint_rows;   // of the first figure that is drawn: its first joint; and how many a figure has

vec3 turned(vec4 q, vec3 v) { return v + 2.0 * cross(q.xyz, cross(q.xyz, v) + q.w * v); }

int row_of(float carrier) { return joint_rows.x + gl_InstanceID * joint_rows.y + int(carrier + 0.5); }

vec4 look() { return texelFetch(joints, ivec2(2, row_of(carriers.x)), 0); }

void skin(out vec3 position, out vec3 normal) {
    int row = row_of(carriers.x);
    vec4 a = texelFetch(joints, ivec2(0, row), 0);
    vec4 q = shares.x * a, d = shares.x * texelFetch(joints, ivec2(1, row), 0);
    for (int i = 1; i < 4 && shares[i] > 0.0; i++) {
        row = row_of(carriers[i]);
        vec4 b = texelFetch(joints, ivec2(0, row), 0);
        float share = dot(a, b) < 0.0 ? -shares[i] : shares[i];   // the shorter way round
        q += share * b;
        d += share * texelFetch(joints, ivec2(1, row), 0);
    }
    float size = length(q);
    q /= size;
    d /= size;
    position = turned(q, rest_m) + 2.0 * (q.w * d.xyz - d.w * q.xyz + cross(q.xyz, d.xyz));
    normal = turned(q, rest_normal);
}
"""

# How a body is lit: what always reaches the eye, and the key light's part, which shadows take away.
_BODY_LIGHT = """
uniform vec3 highlight;
uniform float edge_light;
void lit(vec3 at, vec3 n, vec3 surface, float open, float glow, out vec3 always, out vec3 by_key) {
    float facing_key = dot(n, key_direction), facing_eye = max(dot(n, normalize(eye_m - at)), 0.0);
    float key = max((facing_key + 0.12) / 1.12, 0.0);
    vec3 ambient = mix(GROUND, SKY, 0.5 + 0.5 * n.y) * open;
    vec3 fill = vec3(0.80, 0.88, 1.0) * 0.26 * facing_eye * open;
    // Cloth-like edge light from behind and above, cool against the warm key.
    float edge = 1.0 - facing_eye;
    edge *= edge * edge * edge_light;
    vec3 rim = mix(surface, vec3(0.4), 0.3) * vec3(0.80, 0.92, 1.15) * edge * (0.35 + 0.65 * max(n.y, 0.0)) * open;
    // What is selected, and what the mouse is over, glows.
    always = mix(surface * (ambient + fill) + rim, highlight * (0.55 + 0.45 * facing_eye), glow);
    by_key = mix(surface * KEY, highlight * 0.5, glow) * key;
}
"""

_SHADOW = """
uniform mat4 shadow_matrix;
uniform sampler2DShadow shadow_map;
uniform float shadow_map_per_m;         // widths of the map
uniform float shadow_texel_m;

vec3 in_shadow_map(vec3 at, vec3 n) {
    // Moved off the surface by more where light grazes it, else the body would shade itself.
    float grazing = 1.0 - max(dot(n, key_direction), 0.0);
    float off = 0.004 + 1.5 * shadow_texel_m + (0.012 + 2.0 * shadow_texel_m) * grazing;
    return (shadow_matrix * vec4(at + n * off, 1.0)).xyz;
}
"""

# How open the sky is changes slowly over a body, so it is found at the vertices: at every pixel it
# cost two thirds of the picture's time in software.
_BODY = (
    VERSION
    + OCCLUSION
    + _SKIN
    + """
uniform mat4 view_projection;
uniform ivec2 own_occluders;            // of the first figure that is drawn: its first; and how many a figure has
uniform float floor_side;               // 1: the eye is above the floor, and what is below it is cut off

float sky_visible(vec3 p, vec3 n) {
    float left = 1.0;
    int first = own_occluders.x + gl_InstanceID * own_occluders.y;
    for (int i = first; i < first + own_occluders.y; i++) {
        vec4 a = texelFetch(occluders, ivec2(0, i), 0), b = texelFetch(occluders, ivec2(1, i), 0);
        left *= 1.0 - 0.55 * hidden_by(p, n, a, b);
    }
    float floor_above = clamp(p.y / 0.5, 0.0, 1.0);   // surfaces that look at a near floor see little sky
    return left * mix(1.0, 0.45 + 0.55 * floor_above, clamp(0.5 - 0.5 * n.y, 0.0, 1.0));
}

// Place, normal, colour and glow of the vertex, and how open the sky is there.
void body(out vec3 at, out vec3 n, out vec3 surface, out float open, out float glow) {
    skin(at, n);
    // The tint is for the grey parts: left and right keep their colours.
    vec4 own = look();
    float most = max(paint.r, max(paint.g, paint.b)), least = min(paint.r, min(paint.g, paint.b));
    surface = paint * mix(own.rgb, vec3(1.0), smoothstep(0.25, 0.5, (most - least) / max(most, 1e-3)));
    glow = own.a;
    open = sky_visible(at, n);
    gl_Position = view_projection * vec4(at, 1.0);
    gl_ClipDistance[0] = floor_side * at.y + 1e-4;
}
"""
)

BODY_VERTEX = (
    _BODY
    + """
out vec3 at_m;
out vec3 facing;
out vec3 surface;
out float open;
out float glow;
void main() { body(at_m, facing, surface, open, glow); }
"""
)

BODY_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + _BODY_LIGHT
    + _SHADOW
    + """
in vec3 at_m;
in vec3 facing;
in vec3 surface;
in float open;
in float glow;
uniform float pattern_px;
out vec4 colour;

float key_visible(vec3 n) {
    vec3 p = in_shadow_map(at_m, n);
    const vec2 TAPS[4] = vec2[4](vec2(-0.35, 0.85), vec2(-0.85, -0.35), vec2(0.35, -0.85), vec2(0.85, 0.35));
    float lit = 0.0;
    float reach = 0.011 * shadow_map_per_m;
    for (int i = 0; i < 4; i++) lit += texture(shadow_map, vec3(p.xy + reach * TAPS[i], p.z));
    return 0.25 * lit;
}

void main() {
    vec3 n = normalize(facing), always, by_key;
    // What is selected is striped as well; what the mouse is over is lit only.
    float stripe = step(0.5, fract((gl_FragCoord.x + gl_FragCoord.y) / pattern_px)) * smoothstep(0.6, 1.0, glow);
    lit(at_m, n, surface, open, glow * (0.42 + 0.40 * stripe), always, by_key);
    colour = to_screen(always + by_key * key_visible(n));
}
"""
)

# Small figures are lit at their vertices, twice: with the key light and without. Their triangles are so small
# that software shades most pixels several times over.
SMALL_VERTEX = (
    _BODY
    + LIGHT
    + _BODY_LIGHT
    + _SHADOW
    + """
out vec3 shaded;
out vec3 lighted;
out vec3 in_map;
void main() {
    vec3 at, n, surface, always, by_key;
    float open, glow;
    body(at, n, surface, open, glow);
    lit(at, n, surface, open, 0.62 * glow, always, by_key);
    shaded = toned(always);
    lighted = toned(always + by_key);
    in_map = in_shadow_map(at, n);
}
"""
)

SMALL_FRAGMENT = (
    VERSION
    + GRAIN
    + """
in vec3 shaded;
in vec3 lighted;
in vec3 in_map;
uniform sampler2DShadow shadow_map;
out vec4 colour;
void main() { colour = grained(mix(shaded, lighted, texture(shadow_map, in_map))); }
"""
)

# Ghosts: brighter at their edges, and in stripes or dots, so that past and future differ without colour too.
GHOST_VERTEX = (
    VERSION
    + _SKIN
    + """
uniform mat4 view_projection;
uniform float floor_side;
out vec3 at_m;
out vec3 facing;
out vec4 own;                           // linear colour and alpha
void main() {
    skin(at_m, facing);
    own = look();
    gl_Position = view_projection * vec4(at_m, 1.0);
    gl_ClipDistance[0] = floor_side * at_m.y + 1e-4;
}
"""
)

GHOST_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + """
in vec3 at_m;
in vec3 facing;
in vec4 own;
uniform int pattern;                    // 1 stripes, 2 dots, others neither
uniform float pattern_px;
out vec4 colour;
void main() {
    vec3 n = normalize(facing), to_eye = normalize(eye_m - at_m);
    float edge = 1.0 - max(dot(n, to_eye), 0.0);
    float part = 1.0;
    vec2 p = gl_FragCoord.xy / pattern_px;
    if (pattern == 1) part = smoothstep(0.42, 0.58, abs(2.0 * fract(p.x + p.y) - 1.0));
    if (pattern == 2) part = smoothstep(0.40, 0.28, length(fract(vec2(p.x + 0.5 * floor(p.y), p.y)) - 0.5));
    float alpha = own.a * mix(0.22, 1.0, edge * edge) * mix(0.35, 1.0, part) + own.a * 0.38 * part;
    float lit = 0.72 + 0.28 * dot(n, key_direction);
    colour = vec4(to_screen(own.rgb * lit).rgb, 1.0) * min(alpha, 1.0);
}
"""
)

# Lines in the air, as wide as so many pixels.
TRAIL_VERTEX = (
    VERSION
    + """
layout(location = 0) in vec3 place_m;
layout(location = 1) in vec3 along;
layout(location = 2) in vec2 across;    // -1 or 1, and half the width in pixels
layout(location = 3) in vec4 paint;     // linear colour and alpha
uniform mat4 view_projection;
uniform vec2 size_px;
uniform float px;                       // device pixels of one pixel of the window
out vec2 side;                          // pixels from the line's middle, and half its width
out vec4 own;
void main() {
    vec4 here = view_projection * vec4(place_m, 1.0), there = view_projection * vec4(place_m + 0.02 * along, 1.0);
    vec2 d = (there.xy / max(there.w, 1e-3) - here.xy / max(here.w, 1e-3)) * size_px;
    d = length(d) > 1e-5 ? normalize(d) : vec2(1.0, 0.0);
    float half_px = across.y * px + 0.75;   // and a soft edge
    side = vec2(across.x * half_px, across.y * px);
    own = paint;
    gl_Position = here + vec4(vec2(-d.y, d.x) * across.x * half_px * 2.0 / size_px * here.w, 0.0, 0.0);
}
"""
)

TRAIL_FRAGMENT = (
    VERSION
    + LIGHT
    + TO_SCREEN
    + """
in vec2 side;
in vec4 own;
out vec4 colour;
void main() {
    float inside = clamp(side.y - abs(side.x) + 0.5, 0.0, 1.0);
    colour = vec4(to_screen(own.rgb).rgb, 1.0) * own.a * inside;
}
"""
)

SHADOW_VERTEX = (
    VERSION
    + _SKIN
    + """
uniform mat4 shadow_matrix;
void main() {
    vec3 position, normal;
    skin(position, normal);
    gl_Position = shadow_matrix * vec4(position, 1.0) * vec4(2.0, 2.0, 2.0, 1.0) - vec4(1.0, 1.0, 1.0, 0.0);
}
"""
)

SHADOW_FRAGMENT = VERSION + "void main() {}\n"
