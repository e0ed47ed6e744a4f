// SPDX-License-Identifier: GPL-3.0-or-later
#include <app/workbench/background_collector.h>

#include <app/workbench/background_stop.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QPointer>
#include <QSocketNotifier>
#include <QThreadPool>

#include <pprocess/background/persistent.h>
#include <pprocess/channel/errors.h>

namespace pprocess::workbench {

BackgroundCollector::BackgroundCollector(std::filesystem::path address, QObject* parent)
    : QObject(parent),
      m_address(std::move(address)) {}

BackgroundCollector::~BackgroundCollector() {
    m_notifier.reset();
}

/// Connecting may take seconds, for which neither the window nor the end of this object is to wait.
void BackgroundCollector::start() {
    QThreadPool::globalInstance()->start([self = QPointer<BackgroundCollector>(this), address = m_address] {
        std::shared_ptr<Channel> channel;
        QString problem;
        try {
            channel = std::make_shared<Channel>(connect_persistent(address, {.patience = std::chrono::seconds(5)}));
        } catch (const std::exception& error) {
            problem = QString::fromUtf8(error.what());
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, channel = std::move(channel), problem] {
                if (!self) {
                    return; // and the process keeps what it has
                }
                if (channel) {
                    self->take(channel);
                } else {
                    self->m_isEnded = true;
                    emit self->failed(problem);
                }
            },
            Qt::QueuedConnection);
    });
}

void BackgroundCollector::stopProcess() {
    QThreadPool::globalInstance()->start([self = QPointer<BackgroundCollector>(this), address = m_address] {
        const QString problem = background_stop::stop(address, background_stop::Step::ask);
        if (problem.isEmpty()) {
            return;
        }
        QMetaObject::invokeMethod(
            qApp,
            [self, problem] {
                if (self) {
                    emit self->stopFailed(problem);
                }
            },
            Qt::QueuedConnection);
    });
}

void BackgroundCollector::take(std::shared_ptr<Channel> channel) {
    m_channel = std::move(channel);
    m_channel->hide_from_observers(); // it is no channel of the window's jobs
    emit connected();
    m_notifier = std::make_unique<QSocketNotifier>(m_channel->fileno(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &BackgroundCollector::step);
    step();
}

void BackgroundCollector::step() {
    if (m_isEnded || !m_channel) {
        return;
    }
    constexpr int budget = 8; // ms, so that the window stays live
    QElapsedTimer clock;
    clock.start();
    std::vector<AnyValue> values;
    bool isOver = false;
    try {
        while (clock.elapsed() < budget && m_channel->pump()) {
            try {
                values.push_back(m_channel->receive<AnyValue>());
            } catch (const RemoteError& error) {
                m_problem = tr("It ended with an error: %1.").arg(QString::fromUtf8(error.what()));
            } catch (const ProcessDied& death) {
                isOver = true;
                if (m_problem.isEmpty() && !death.status().success()) {
                    m_problem = death.status().is_unknown()
                                    ? tr("It is gone, and nobody knows how it ended.")
                                    : tr("It %1.", "was killed by signal 9")
                                          .arg(QString::fromStdString(death.status().to_string()));
                }
            } catch (const ChannelClosed&) {
                isOver = true;
            }
            if (isOver) {
                break;
            }
        }
    } catch (const std::exception& error) {
        isOver = true;
        m_problem = QString::fromUtf8(error.what());
    }
    // Something may be left of which no descriptor tells.
    const bool isMore = !isOver && clock.elapsed() >= budget;
    if (isMore) {
        QMetaObject::invokeMethod(this, &BackgroundCollector::step, Qt::QueuedConnection);
    }
    if (isOver) {
        m_notifier->setEnabled(false);
    }
    const QPointer<BackgroundCollector> self(this);
    if (!values.empty()) {
        emit arrived(values);
    }
    if (self && isOver) {
        end(m_problem);
    }
}

void BackgroundCollector::end(const QString& problem) {
    m_isEnded = true;
    m_channel.reset();
    emit ended(problem);
}

} // namespace pprocess::workbench
