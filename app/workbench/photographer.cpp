// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/photographer.h>

#include <app/workbench/main_window.h>

#include <widgets/instruments/instrument_data.h>
#include <widgets/instruments/instrument_source.h>

#include <QBuffer>
#include <QCoreApplication>
#include <QFile>
#include <QTimer>

#include <cstdio>

#include <pprocess/job/output_file.h>
#include <pprocess/os/error.h>

namespace pprocess::workbench {

using namespace widgets;

void complain(const QString& text) {
    std::fprintf(stderr, "pprocess-workbench: %s\n", qPrintable(text));
}

Photographer::Photographer(MainWindow& window, const QString& file)
    : QObject(&window),
      m_window(window),
      m_file(file) {}

void Photographer::takeSoon() {
    // The window draws itself a moment after it was told the last.
    QTimer::singleShot(400, this, &Photographer::take);
}

void Photographer::takeDuringJob(double fraction) {
    auto& controller = m_window.controller();
    if (fraction < 1) {
        connect(&controller, &JobController::progressChanged, this, [this, fraction](const job::Progress& progress) {
            if (static_cast<double>(progress.ended()) >= fraction * static_cast<double>(progress.total)) {
                take();
            }
        });
    }
    connect(&controller, &JobController::finished, this, &Photographer::takeSoon);
    connect(&controller, &JobController::failed, this, &Photographer::giveUp);
    connect(&controller, &JobController::mistaken, this,
            [this](const QString&, const QString& message) { giveUp(message); });
}

void Photographer::takeOf(InstrumentSource& source, bool early) {
    if (early) {
        connect(&source.data(), &InstrumentData::appended, this, &Photographer::takeSoon, Qt::SingleShotConnection);
    }
    const auto look = [this, &source] {
        if (source.state() == InstrumentSource::State::ended) {
            takeSoon();
        } else if (source.state() == InstrumentSource::State::failed) {
            giveUp(source.statusText());
        }
    };
    connect(&source, &InstrumentSource::stateChanged, this, look);
    look();
}

void Photographer::take() {
    if (m_isDone) {
        return;
    }
    m_isDone = true;
    if (!save()) {
        complain(
            tr("the picture could not be saved to %1: check that its folder exists and can be written").arg(m_file));
        leave(pictureNotSaved);
        return;
    }
    leave(success);
}

bool Photographer::save() const {
    QByteArray picture;
    QBuffer buffer(&picture);
    buffer.open(QIODevice::WriteOnly);
    try {
        m_window.grab().save(&buffer, "PNG");
        job::replace_file(QFile::encodeName(m_file).toStdString(), picture.toStdString());
        return true;
    } catch (const SystemError&) {
        return false;
    }
}

void Photographer::giveUp(const QString& message) {
    if (m_isDone) {
        return;
    }
    m_isDone = true;
    complain(message);
    // A picture of a failure is what one may have come for.
    QTimer::singleShot(100, this, [this] {
        (void)save();
        leave(jobDidNotRun);
    });
}

void Photographer::leave(int code) {
    auto& controller = m_window.controller();
    if (!controller.isBusy()) {
        QCoreApplication::exit(code);
        return;
    }
    connect(&controller, &JobController::stateChanged, this, [code](JobController::State state) {
        if (state == JobController::State::idle) {
            QCoreApplication::exit(code);
        }
    });
    controller.stop();
}

} // namespace pprocess::workbench
