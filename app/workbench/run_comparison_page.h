// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <app/workbench/page.h>

#include <QTimer>

#include <atomic>
#include <memory>
#include <vector>

#include <pprocess/job/comparison.h>

class QComboBox;
class QLabel;
class QLineEdit;
class QSplitter;
class QStandardItemModel;

namespace pprocess::widgets {
class TableView;
}

namespace pprocess::workbench {

class RunComparisonModel;

/// Two runs of the history side by side: which settings differ, what each came to, and what became of each item.
/// Reads their job files and logs in another thread; a page that is closed gives that up.
class RunComparisonPage : public Page {
    Q_OBJECT

public:
    RunComparisonPage(job::PastRun first, job::PastRun second, QWidget* parent = nullptr);
    ~RunComparisonPage() override;

    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<Status> status() const override;
    void storeState(QSettings& settings) const override;
    void restoreState(const QSettings& settings) override;
    /// Are the logs still being read?
    [[nodiscard]] bool isReading() const { return m_isReading; }

signals:
    /// All has been read.
    void ready();

private:
    struct Found;
    static Found look(const job::PastRun& first, const job::PastRun& second,
                      const job::RunComparison::MayGoOn& mayGoOn);

    [[nodiscard]] QWidget* makeHead();
    [[nodiscard]] QWidget* makeSettings();
    [[nodiscard]] QWidget* makeFigures();
    [[nodiscard]] QWidget* makeItems();
    void read();
    void showPart();
    void take(const Found& found);
    void takeSettings(const Found& found);
    void takeItems(const Found& found);
    void showFigures(const job::RunFigures& first, const job::RunFigures& second);
    void offerChanges(const job::RunComparison& comparison);
    void applyFilter();
    void showWords();

    job::PastRun m_first;
    job::PastRun m_second;
    QStandardItemModel* m_settings;
    QStandardItemModel* m_figures;
    RunComparisonModel* m_items;
    widgets::TableView* m_settingsTable;
    widgets::TableView* m_figuresTable;
    widgets::TableView* m_itemsTable;
    QLabel* m_words;
    QComboBox* m_show;
    QLineEdit* m_filter;
    QSplitter* m_rows;
    QSplitter* m_columns;
    QTimer m_filterTimer;
    QTimer m_partTimer;
    std::shared_ptr<std::atomic<int>> m_part; ///< in hundredths; what reads stops at a negative one
    QString m_problem;                        ///< why the items cannot be compared
    std::shared_ptr<const job::RunComparison> m_comparison;
    bool m_isReading = false;
};

} // namespace pprocess::workbench
