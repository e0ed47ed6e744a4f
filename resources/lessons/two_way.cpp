// SPDX-License-Identifier: LGPL-3.0-or-later
//
// Talking both ways: several processes ask for more work, and get it as the reply to each result.
//
// Whoever is done first asks first, so fast and slow processes stay equally busy without a plan made beforehand. A map
// or queue with reuse does the same unseen; by hand, the reply can depend on what has just been found.

#include "lesson.h"

#include <pprocess/pprocess.h>

#include <exception>
#include <vector>

namespace {

class Conversation : public pprocess::Exchange {
public:
    // Continuous: the first result of a process is not its last.
    Conversation(int size, std::size_t limit)
        : Exchange({.limit = limit, .continuous = true}),
          results(size * size, -1),
          size_(size) {}

    /// The next place to be worked out, nothing when all have been given away.
    lesson::Question next() {
        if (given_ == size_ * size_)
            return {};
        const int place = given_++;
        return {{place / size_, place % size_}};
    }

    std::vector<int> results;
    int answers = 0;
    int replies = 0;

protected:
    void store_data(pprocess::Channel& channel) override {
        const auto cell = channel.receive<lesson::Cell>();
        results[cell.i * size_ + cell.j] = cell.value;
        ++answers;

        channel.send(next()); // nothing more to do is a reply as well: the process is waiting for one
        ++replies;
    }

private:
    int size_;
    int given_ = 0;
};

// Runs in each created process.
void answer(pprocess::Channel& channel, lesson::Question question) {
    while (question) {
        const auto [i, j] = *question;
        channel.send(lesson::Cell{i, j, lesson::calculate(i, j)});
        question = channel.receive<lesson::Question>();
    }
}

} // namespace

int main(int argc, char** argv) try {
    const auto options = lesson::begin(argc, argv);

    Conversation conversation(options.size, options.limit);
    for (std::size_t k = 0; k < options.limit; ++k)
        if (const auto question = conversation.next())
            conversation.start(answer, question);
    conversation.finish();

    lesson::print_grid(conversation.results);
    lesson::print_time();
    lesson::measure::report("answers", conversation.answers);
    lesson::measure::report("replies", conversation.replies);
} catch (const std::exception& error) {
    return lesson::explain(error);
}
