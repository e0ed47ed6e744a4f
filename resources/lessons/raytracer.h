// SPDX-License-Identifier: LGPL-3.0-or-later
//
// What all raytracers share: a scene, how one row of its picture is worked out, and how the picture is put together. A
// row depends on nothing but its number, so that all can be worked out anywhere and in any order.
#pragma once

#include "command_line.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace lesson::raytracer {

struct Options {
    int width = 480;
    int height = 300;
    int samples = 9; // rays sent through each pixel
    int seed = 1;
    std::size_t limit = 4; // most processes at once
    std::string output = "raytracer.ppm";
};

/// One task's result.
struct Row {
    int y = 0;
    std::vector<std::byte> pixels; // red, green, blue, and so on from left to right
};

// Filled by begin(), before there is any other process: each process starts with a copy.
inline Options options;

inline const Options& begin(int argc, char** argv) {
    CommandLine line("Draws a picture of spheres on a floor, and writes it to a file.");
    line.number("--width", "N", "draw N pixels in a row (480)", options.width, 1, 10'000);
    line.number("--height", "N", "draw N rows (300)", options.height, 1, 10'000);
    line.number("--samples", "N", "send N rays through each pixel; more make it smoother (9)", options.samples, 1,
                10'000);
    line.number("--seed", "N", "scatter the rays by this number (1)", options.seed, 0, 1'000'000'000);
    line.number("--limit", "K", "have at most K processes at once, where there are others (4)", options.limit, 1, 1000);
    line.text("--output", "FILE", "write the picture to this file, as PPM (raytracer.ppm)", options.output);
    line.read(argc, argv);
    return options;
}

// The scene ------------------------------------------------------------------------------------------------------

struct Vector {
    double x = 0, y = 0, z = 0;

    friend Vector operator+(Vector a, Vector b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
    friend Vector operator-(Vector a, Vector b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
    friend Vector operator*(Vector a, Vector b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; } // colour on colour
    friend Vector operator*(Vector a, double k) { return {a.x * k, a.y * k, a.z * k}; }
};

inline double dot(Vector a, Vector b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vector unit(Vector a) {
    return a * (1 / std::sqrt(dot(a, a)));
}

struct Surface {
    Vector colour;
    double mirror = 0; // how much of what is seen there is a reflection, 0 to 1
};

struct Sphere {
    Vector centre;
    double radius;
    Surface surface;
};

inline const std::array<Sphere, 6> spheres{{
    {{0.0, 1.0, 0.0}, 1.0, {{0.90, 0.90, 0.90}, 0.85}},
    {{-2.1, 0.8, 0.6}, 0.8, {{0.80, 0.06, 0.04}, 0.12}},
    {{1.9, 0.7, 0.9}, 0.7, {{0.03, 0.15, 0.65}, 0.15}},
    {{0.8, 0.35, -1.5}, 0.35, {{0.90, 0.50, 0.03}, 0.15}},
    {{-0.9, 0.3, -1.6}, 0.3, {{0.05, 0.45, 0.10}, 0.12}},
    {{2.6, 1.4, 3.4}, 1.4, {{0.30, 0.08, 0.40}, 0.20}},
}};

constexpr Vector eye{0.4, 1.9, -6};
constexpr Vector sun{-5, 7, -4};
constexpr double sun_size = 0.6; // its light comes from a whole disc, so shadows have soft edges
constexpr int most_reflections = 4;
constexpr double very_near = 1e-6; // a ray that leaves a surface does not hit it again

/// A small source of random numbers that gives the same ones on every machine.
class Random {
public:
    /// Rows next to each other get numbers that have nothing to do with each other.
    Random(std::uint64_t seed, std::uint64_t index) : state_(seed * 0x9e3779b97f4a7c15U + index) { next(); }

    /// The next number from 0 up to, but not including, 1.
    double next() {
        state_ += 0x9e3779b97f4a7c15U; // splitmix64
        std::uint64_t bits = state_;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
        return static_cast<double>((bits ^ (bits >> 31)) >> 11) * 0x1p-53;
    }

private:
    std::uint64_t state_;
};

struct Hit {
    double distance;
    Vector point;
    Vector normal; // away from the surface
    Surface surface;
};

/// How far along the ray the sphere is, if it is there at all.
inline std::optional<double> distance_to(const Sphere& sphere, Vector from, Vector direction) {
    const Vector offset = from - sphere.centre;
    const double half_b = dot(offset, direction);
    const double discriminant = half_b * half_b - dot(offset, offset) + sphere.radius * sphere.radius;
    if (discriminant < 0)
        return {};
    for (const double distance : {-half_b - std::sqrt(discriminant), -half_b + std::sqrt(discriminant)})
        if (distance > very_near)
            return distance;
    return {};
}

inline Surface floor_at(Vector point) {
    const bool dark = (std::lround(std::floor(point.x)) + std::lround(std::floor(point.z))) % 2 != 0;
    return {dark ? Vector{0.03, 0.03, 0.04} : Vector{0.75, 0.70, 0.60}, 0.15};
}

/// The first thing that the ray meets.
inline std::optional<Hit> first_hit(Vector from, Vector direction) {
    std::optional<Hit> first;
    if (direction.y < 0 && from.y > very_near) {
        const double distance = -from.y / direction.y;
        const Vector point = from + direction * distance;
        first = Hit{distance, point, {0, 1, 0}, floor_at(point)};
    }
    for (const Sphere& sphere : spheres) {
        const auto distance = distance_to(sphere, from, direction);
        if (!distance || (first && first->distance <= *distance))
            continue;
        const Vector point = from + direction * *distance;
        first = Hit{*distance, point, unit(point - sphere.centre), sphere.surface};
    }
    return first;
}

inline Vector sky(Vector direction) {
    const double height = std::sqrt(std::clamp(direction.y, 0.0, 1.0));
    return Vector{0.80, 0.75, 0.65} * (1 - height) + Vector{0.06, 0.18, 0.50} * height;
}

/// How much of the sun's light reaches this point, 0 to 1.
inline double sunlight(const Hit& hit, Random& random) {
    const Vector scatter{random.next() - 0.5, random.next() - 0.5, random.next() - 0.5};
    const Vector to_sun = unit(sun + scatter * (2 * sun_size) - hit.point);
    const double brightness = dot(hit.normal, to_sun);
    if (brightness <= 0)
        return 0;
    for (const Sphere& sphere : spheres)
        if (distance_to(sphere, hit.point, to_sun))
            return 0;
    return brightness;
}

/// The colour that is seen along a ray.
inline Vector trace(Vector from, Vector direction, Random& random, int reflections = 0) {
    const auto hit = first_hit(from, direction);
    if (!hit)
        return sky(direction);
    constexpr double shade = 0.15; // light that comes from everywhere
    const Vector own = hit->surface.colour * (shade + (1 - shade) * sunlight(*hit, random));
    Vector seen = own;
    if (reflections < most_reflections) {
        const Vector reflected = direction - hit->normal * (2 * dot(direction, hit->normal));
        const Vector there = trace(hit->point, unit(reflected), random, reflections + 1);
        seen = own * (1 - hit->surface.mirror) + there * hit->surface.colour * hit->surface.mirror;
    }
    const double haze = 1 - std::exp(-0.008 * hit->distance); // or the floor would flicker far away
    return seen * (1 - haze) + sky(direction) * haze;
}

/// What every raytracer has to do, for each row of the picture.
inline Row render_row(int y) {
    Random random(static_cast<std::uint64_t>(options.seed), static_cast<std::uint64_t>(y));
    Row row{y, {}};
    row.pixels.reserve(static_cast<std::size_t>(options.width) * 3);
    for (int x = 0; x < options.width; ++x) {
        Vector colour;
        for (int k = 0; k < options.samples; ++k) {
            const double right = (x + random.next() - 0.5 * options.width) / options.height;
            const double up = (0.5 * options.height - y - random.next()) / options.height;
            colour = colour + trace(eye, unit({right, up - 0.18, 1.25}), random);
        }
        colour = colour * (1.0 / options.samples);
        for (const double light : {colour.x, colour.y, colour.z}) {
            const double level = std::sqrt(std::clamp(light, 0.0, 1.0)); // as screens expect it, nearly
            row.pixels.push_back(static_cast<std::byte>(std::lround(level * 255)));
        }
    }
    return row;
}

// The picture ----------------------------------------------------------------------------------------------------

/// Takes rows in any order, shows how far the picture is, and writes it to its file.
class Picture {
public:
    Picture() : rows_(static_cast<std::size_t>(options.height)) {}

    void set(Row row) {
        rows_[static_cast<std::size_t>(row.y)] = std::move(row.pixels);
        ++done_;
        for (; drawn_ < columns * done_ / options.height; ++drawn_)
            std::fputc('#', stdout);
        if (done_ == options.height)
            std::fputc('\n', stdout);
        std::fflush(stdout);
    }

    void save() const {
        std::ofstream file(options.output, std::ios::binary);
        file << "P6\n" << options.width << ' ' << options.height << "\n255\n";
        for (const auto& row : rows_)
            file.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size()));
        if (!file.flush())
            throw std::system_error(errno, std::generic_category(), "cannot write " + options.output);
    }

private:
    static constexpr int columns = 60; // of the line that shows the progress

    std::vector<std::vector<std::byte>> rows_;
    int done_ = 0;
    int drawn_ = 0;
};

} // namespace lesson::raytracer
