// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/background_collector.h>
#include <app/workbench/page.h>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSplitter;

namespace pprocess::widgets {
class TableView;
}

namespace pprocess::workbench {

class ValueModel;

/// The page of what is collected from a background process of whatever kind: each value as a line, and the selected one
/// whole.
class ValuePage : public Page {
    Q_OBJECT

public:
    ValuePage(std::unique_ptr<BackgroundCollector> collector, QString name, QWidget* parent = nullptr);
    ~ValuePage() override;

    /// Gives the collector away: what it collects is a job's.
    [[nodiscard]] std::unique_ptr<BackgroundCollector> takeCollector();
    /// Writes the values to a file, one JSON text a line, in another thread.
    void save(const QString& file);

    [[nodiscard]] QString title() const override { return m_name; }
    [[nodiscard]] QList<Status> status() const override;
    void storeState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;

signals:
    /// The first values are those of a job.
    void jobFound(const std::vector<pprocess::AnyValue>& values);

private:
    void take(const std::vector<AnyValue>& values);
    void showSelected();
    void showState(const QString& text);
    void askSave();

    std::unique_ptr<BackgroundCollector> m_collector;
    QString m_name;
    ValueModel* m_values;
    widgets::TableView* m_table;
    QLabel* m_state;
    QPlainTextEdit* m_whole;
    QPushButton* m_save;
    QSplitter* m_splitter;
};

} // namespace pprocess::workbench
